#!/usr/bin/env python
"""Command line of the migration panel."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "boukii_migration.settings")
    try:
        from django.core.management import execute_from_command_line
    except ImportError as error:
        raise SystemExit("Django is not installed in this Python: run 'make setup' first.") from error
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
