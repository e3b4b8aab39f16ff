"""The page of all checks, written from the declarations.

    python -m entities.reconciliation.reference > docs/reconciliation.md

A test compares the page with what is declared.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

SEVERITIES = (
    ("B", "Blocks", "A school does not go live while it fails. Only what the move itself brought in counts: what legacy"
     " had already is listed as inherited. A waiver needs two persons and ends when other records fail."),
    ("W", "To be seen", "Each group of findings is acknowledged by a named person; other records ask again."),
    ("I", "A figure", "Shown and never judged."),
)  # fmt: skip
INTRODUCTION = """# Checks

What the panel holds against what before anybody signs. Every check reads both databases by its own queries, school by
school, and stores one verdict per school with every record that it objects to. `difference = legacy − V5 − explained`
has to be 0, and explained are only rows whose outcome in the id map is merged, skipped or rejected with a reason. A
check that could not run is red; one without a row to look at says so and is no pass.

Moments: E at the end of a phase, F final over everything that was moved, D after changes of legacy were moved, K after a
rollback, P before the load on legacy alone (those that have a twin there). *From phase* is the first phase after which
the check makes sense. Written from the declarations by `python -m entities.reconciliation.reference`.
"""


def page() -> str:
    """Markdown: every check by severity, then those that a person makes."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    from entities.reconciliation import registry
    from tracking import manual

    yield INTRODUCTION
    for letter, name, sentence in SEVERITIES:
        yield f"## {name}\n\n{sentence}\n"
        yield "| Check | What it says | How it looks | Moments | From phase | Twin in legacy |\n|---|---|---|---|---|---|"
        for one in registry.everything():
            if one.severity == letter:
                moments = f"P{one.when}" if one.twin and "P" not in one.when else one.when
                yield (
                    f"| `{one.id}` | {_cell(one.title)} | {_cell(one.how)} | {' '.join(moments)} | {one.phase} |"
                    f" {'yes' if one.twin else ''} |"
                )
        yield ""
    yield "## By hand\n"
    yield "What needs the live applications or a person's judgement. The panel lists the steps, keeps the statement with its"
    yield "evidence, and shows it among the gates of phase 5.\n"
    yield "| Check | What it says | How it looks | Severity |\n|---|---|---|---|"
    for known in manual.CHECKS:
        yield f"| `{known.id}` | {_cell(known.title)} | {_cell(known.how)} | {known.severity} |"


def _cell(text: object) -> str:
    return " ".join(str(text).replace("|", "\\|").split())


if __name__ == "__main__":
    import os

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "boukii_migration.settings")
    django.setup()
    sys.stdout.write(page())
