"""Write the next numbered migration from the difference between the tables and the last one."""

import sys
import tempfile
from pathlib import Path

from alembic import command
from alembic.script import ScriptDirectory

from webapp.storage import migrations
from webapp.storage.database import Database


def main(message: str) -> None:
    """Compare an upgraded empty database with the tables and write what is missing."""
    if not message:
        sys.exit('Say what it does: make migration m="add verdict"')
    config = migrations.alembic_config()
    head = ScriptDirectory.from_config(config).get_current_head() or "0000"
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'empty.db'}"
        database = Database(url)
        migrations.upgrade(database)
        database.dispose()
        config.set_main_option("sqlalchemy.url", url)
        command.revision(config, message, autogenerate=True, rev_id=f"{int(head) + 1:04}")


if __name__ == "__main__":
    main(" ".join(sys.argv[1:]))
