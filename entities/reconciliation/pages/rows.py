"""The records behind one number of the balance sheet, along the index of the map."""

from __future__ import annotations

import time
from typing import Any

from entities.engine.lineage import LegacyIdMapping

PAGE, WINDOW = 100, 20_000
PATIENCE = 0.15  # seconds


def page(entity: str, outcome: str, school: int | None, after: int) -> tuple[list[Any], int | None]:
    """At most 100 entries behind `after`, and where to look on: None at the end.

    Window after window of the index is read for a moment and no longer: rare outcomes among millions are found by
    looking on.
    """
    entries = LegacyIdMapping.objects.using("v5").filter(entity_type=entity)
    found: list[Any] = []
    until = time.monotonic() + PATIENCE
    while True:
        keys = entries.filter(legacy_id__gt=after).order_by("legacy_id").values_list("legacy_id", flat=True)
        upto = next(iter(keys[WINDOW - 1 : WINDOW]), None)
        some = entries.filter(legacy_id__gt=after, disposition=outcome, school_id=school)
        if upto is not None:
            some = some.filter(legacy_id__lte=upto)
        found += some.order_by("legacy_id", "part")[: PAGE + 1 - len(found)]
        if len(found) > PAGE:
            return _whole_records(found)
        if upto is None:
            return found, None
        after = upto
        if time.monotonic() > until:
            return found, after


def _whole_records(found: list[Any]) -> tuple[list[Any], int]:
    """The entries of a page and where the next one begins: a record of several parts stands on one page."""
    following = found[PAGE].legacy_id
    shown = [one for one in found[:PAGE] if one.legacy_id != following] or found[:PAGE]
    return shown, shown[-1].legacy_id
