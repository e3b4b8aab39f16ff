"""The figures of a school as a spreadsheet; a text that a spreadsheet would take for a formula is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.utils.translation import gettext as _
from tablib import Dataset

from entities.reconciliation.pages.figures import Figures

FORMULA = ("=", "+", "-", "@", "\t", "\r")
KINDS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def sheet(found: Iterable[Figures], kind: str) -> bytes:
    """Every line of every check, with both sides, what is explained and the difference."""
    heads = [
        _("check"),
        _("what"),
        _("group"),
        _("legacy"),
        "V5",
        _("explained"),
        _("difference"),
        _("verdict"),
    ]
    data = Dataset(headers=heads, title=_("Reconciliation")[:31])
    for row in _rows(found):
        data.append(row)
    written = data.export(kind)
    return written.encode("utf-8-sig") if isinstance(written, str) else bytes(written)


def _rows(found: Iterable[Figures]) -> Iterator[list[Any]]:
    for one in found:
        for line in one.lines:
            numbers = [float(part) for part in (line.legacy, line.v5, line.explained, line.difference)]
            yield [
                plain(one.check),
                plain(str(one.title)),
                plain(line.label),
                *numbers,
                plain(one.result.result),
            ]


def plain(text: str) -> str:
    """The text as text, whatever it begins with."""
    return f"'{text}" if text.startswith(FORMULA) else text
