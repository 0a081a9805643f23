"""Run migrations on the connection that the program hands over, or on the address given."""

from alembic import context
from sqlalchemy import Connection

from webapp.storage.database import Database
from webapp.storage.migrations import is_of_the_metadata
from webapp.storage.tables import Base
from webapp.storage.tables.base import UtcDateTime


def render_item(kind: str, item: object, _autogen_context: object) -> str | bool:
    """Write our types as plain ones: a migration imports nothing of ours."""
    return "sa.DateTime()" if kind == "type" and isinstance(item, UtcDateTime) else False


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        compare_type=True,
        render_item=render_item,
        include_name=is_of_the_metadata,
    )
    with context.begin_transaction():
        context.run_migrations()


connection = context.config.attributes.get("connection")
if connection is not None:
    run(connection)
else:
    database = Database(context.config.get_main_option("sqlalchemy.url"))
    with database.engine.connect() as connection:
        run(connection)
        connection.commit()
    database.dispose()
