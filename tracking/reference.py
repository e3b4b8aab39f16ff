"""The two reference pages that are written from the declarations.

    python -m tracking.reference codes > docs/reason-codes.md
    python -m tracking.reference choices > docs/choices.md

A test compares the pages with what is declared.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator

from tracking import choices, codes
from tracking.choices.compound import Composite
from tracking.choices.kinds import Bool, Enum, Kind
from tracking.choices.required import REQUIRED

_LEVELS = {
    codes.Level.SKIPPED: "Left out on purpose. Nothing is wrong; the row is counted.",
    codes.Level.REJECTED: "Kept back until a person corrects the record or skips it with a reason.",
    codes.Level.SYNTHESISED: "Why the new system has a row that the old one did not have.",
    codes.Level.WARNING: "Moved, and worth a look.",
    codes.Level.CAUSE: "Why a value is what it is.",
}


def reason_codes_page() -> str:
    """Markdown: every reason code under each level at which it may appear."""
    return "\n".join(_codes()) + "\n"


def _codes() -> Iterator[str]:
    yield "# Reason codes\n"
    yield "Every legacy row ends in one outcome, and where that needs an explanation it carries one of these"
    yield "codes. Warnings can come on top, several at a time. Written from `tracking/codes`.\n"
    for level, sentence in _LEVELS.items():
        yield f"## {level.value.capitalize()}\n\n{sentence}\n"
        yield "| Code | What it says | What to do |\n|---|---|---|"
        for code in codes.of_level(level):
            yield f"| `{code.name}` | {code.sentence} | {code.next_step} |"
        yield ""


def choices_page() -> str:
    """Markdown: every choice with its answers, which of them are built, and the default."""
    return "\n".join(_choices()) + "\n"


def _choices() -> Iterator[str]:
    yield "# Choices\n"
    yield "What an operator decides before a wave starts. Without a decision the default holds. An answer"
    yield "marked *not built* is a possible one that is refused when it is chosen. Answers of several parts"
    yield "may be given in part; the rest keeps its value. Written from `tracking/choices`.\n"
    yield "A production wave waits for a person's answer, be it the default, where the default is a guess about this"
    yield "client. An answer for every school of the wave counts where schools may differ.\n"
    for question in choices.ALL.values():
        scope = (
            "One answer for all schools, or one per school." if question.per_school else "One answer for all."
        )
        yield f"## {question.key} `{question.name}`\n\n{question.question} {scope}\n"
        yield from _kind(question.kind)
        default = json.dumps(question.dump(question.standard), ensure_ascii=False)
        yield f"\nDefault: `{default}`\n"
        if question.key in REQUIRED:
            yield f"A person decides it before production: {REQUIRED[question.key]}.\n"


def _kind(kind: Kind) -> Iterator[str]:
    if isinstance(kind, Composite):
        for name, part in kind.parts.items():
            yield from _answers(part, f"`{name}` = ")
        if kind.one_word:
            yield f"\nA plain word sets {' and '.join(f'`{name}`' for name in kind.one_word)}."
    else:
        yield from _answers(kind, "")


def _answers(kind: Kind, before: str) -> Iterator[str]:
    if isinstance(kind, Enum):
        for word, effect in kind.values.items():
            yield f"- {before}`{word}`: {effect}{_unbuilt(kind, word)}"
    elif isinstance(kind, Bool):
        for value in (False, True):
            yield f"- {before}`{json.dumps(value)}`{_unbuilt(kind, value)}"
    else:
        yield f"- {before}{kind.allowed()}"


def _unbuilt(kind: Kind, value: object) -> str:
    return "" if kind.unbuilt(value) is None else " — *not built*"


PAGES = {"codes": reason_codes_page, "choices": choices_page}


def main(arguments: list[str]) -> int:
    if len(arguments) != 1 or arguments[0] not in PAGES:
        print(f"Name one page: {', '.join(PAGES)}.", file=sys.stderr)
        return 2
    sys.stdout.write(PAGES[arguments[0]]())
    return 0


if __name__ == "__main__":
    from django.conf import settings

    settings.configure(USE_I18N=False)
    sys.exit(main(sys.argv[1:]))
