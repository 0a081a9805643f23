"""``python -m webapp.cli`` is ``shelfwise``."""

from webapp.cli import main

main()
