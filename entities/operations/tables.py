"""Plain text tables, readable in a terminal and in a log."""

from __future__ import annotations

from collections.abc import Sequence


def plain(head: Sequence[str], rows: Sequence[Sequence[object]]) -> list[str]:
    """Lines of a table: numbers to the right with thousands separators, words to the left, 0 as a dot."""
    cells = [[_cell(value) for value in row] for row in rows]
    widths = [max(len(line[place]) for line in [list(head), *cells]) for place in range(len(head))]
    right = [bool(rows) and all(_is_number(row[place]) for row in rows) for place in range(len(head))]

    def line(values: Sequence[str]) -> str:
        parts = [
            value.rjust(width) if to_right else value.ljust(width)
            for value, width, to_right in zip(values, widths, right, strict=True)
        ]
        return "  ".join(parts).rstrip()

    return [line(head), line(["-" * width for width in widths]), *map(line, cells)]


def _is_number(value: object) -> bool:
    return not isinstance(value, str)


def _cell(value: object) -> str:
    if isinstance(value, int):
        return f"{value:,}" if value else "·"
    return "" if value is None else str(value) if isinstance(value, str) else f"{value:,}"
