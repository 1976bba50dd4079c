"""``python -m edge_app``."""

from edge_app.cli.main import main

main()
