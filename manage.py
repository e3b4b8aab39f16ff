#!/usr/bin/env python
"""Command line of the migration panel."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "boukii_migration.settings")
    try:
        from django.core.exceptions import ImproperlyConfigured
        from django.core.management import execute_from_command_line
    except ImportError as error:
        raise SystemExit("Django is not installed in this Python: run 'make setup' first.") from error
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        # A sentence that names the variable helps more than a traceback.
        raise SystemExit(f"Cannot start: {error}") from None


if __name__ == "__main__":
    main()
