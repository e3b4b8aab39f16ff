"""The section on proof and the way back in the document: each benchmark writes its own part of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

HEADING = "## Proof and the way back"
DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "benchmarks.md"


def write(title: str, lines: Sequence[str], path: Path = DOCUMENT) -> None:
    """Replace the part `### title` of the section; other parts and sections stay."""
    before, own, after = _split(path.read_text(encoding="utf-8"))
    parts = _parts(own)
    parts[title] = "\n".join(lines).strip()
    text = "\n\n".join(f"### {name}\n\n{said}" for name, said in parts.items())
    path.write_text(f"{before.rstrip()}\n\n{HEADING}\n\n{text}\n{after}", encoding="utf-8")


def _split(text: str) -> tuple[str, str, str]:
    """What stands before the section, in it, and behind it (from the next heading on)."""
    before, _heading, rest = text.partition(f"\n{HEADING}\n")
    own, following, after = rest.partition("\n## ")
    return before, own, f"\n## {after}" if following else ""


def _parts(own: str) -> dict[str, str]:
    found = {}
    for part in f"\n{own}".split("\n### ")[1:]:
        title, _newline, said = part.partition("\n")
        found[title.strip()] = said.strip()
    return found


def targets(goals: Iterable[tuple[str, str, bool]]) -> list[str]:
    """A table of targets, what was reached, and whether that is enough."""
    rows = [f"| {says} | {reached} | {'met' if met else '**not met**'} |" for says, reached, met in goals]
    return ["| target | reached | |", "| --- | --- | --- |", *rows]
