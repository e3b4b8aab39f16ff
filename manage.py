#!/usr/bin/env python
"""Command line of the migration panel."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "boukii_migration.settings")
    try:
        from django.core.exceptions import ImproperlyConfigured
        from django.core.management import execute_from_command_line
        from django.db.utils import DatabaseError
    except ImportError as error:
        raise SystemExit("Django is not installed in this Python: run 'make setup' first.") from error
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        # A sentence that names the variable helps more than a traceback.
        raise SystemExit(f"Cannot start: {error}") from None
    except BrokenPipeError:
        # The reader, such as head, has seen enough; what is still buffered goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(1) from None
    except DatabaseError:
        stop_if_unreachable()
        raise


def stop_if_unreachable() -> None:
    """Ends with a sentence per database that cannot be reached; other errors keep their traceback."""
    from boukii_migration.diagnosis import unreachable

    sentences = unreachable()
    if sentences:
        raise SystemExit("\n".join(f"Cannot go on: {sentence}" for sentence in sentences)) from None


if __name__ == "__main__":
    main()
