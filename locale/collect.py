"""Collects the panel's texts into locale/es: Django's makemessages, what `sentence(...)` is given, and what the
declarations of the migrations say about themselves. See `make messages`."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from pathlib import Path

BASE = Path(__file__).resolve().parent.parent
IGNORED = [".venv", "var", "tests", "demo", "benchmarks", "locale"]
DECLARED = BASE / "entities" / "_declared.py"  # only while the texts are collected


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
    catalogue = import_module("entities.operations.catalogue")
    DECLARED.write_text(
        "".join(f"gettext_noop({text!r})\n" for text in catalogue.said_by_declarations()), "utf-8"
    )
    try:
        call_command(Collect(), locale=["es"], no_location=True, no_obsolete=True, ignore_patterns=IGNORED)
    finally:
        DECLARED.unlink()


if __name__ == "__main__":
    main()
