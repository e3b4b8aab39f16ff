"""Collects the panel's texts into locale/es: Django's makemessages, and what `sentence(...)` is given. See `make messages`."""

from __future__ import annotations

import os
import sys
from pathlib import Path

BASE = Path(__file__).resolve().parent.parent
IGNORED = [".venv", "var", "tests", "demo", "benchmarks", "locale"]


def main() -> None:
    sys.path.insert(0, str(BASE))
    os.chdir(BASE)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "boukii_migration.settings")
    import django
    from django.core.management import call_command
    from django.core.management.commands.makemessages import Command

    class Collect(Command):
        xgettext_options = [*Command.xgettext_options, "--keyword=sentence:1"]

    django.setup()
    call_command(Collect(), locale=["es"], no_location=True, no_obsolete=True, ignore_patterns=IGNORED)


if __name__ == "__main__":
    main()
