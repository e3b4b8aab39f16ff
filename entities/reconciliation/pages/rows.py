"""The records behind one number of the balance sheet, along the index of the map."""

from __future__ import annotations

from typing import Any

from entities.engine.lineage import LegacyIdMapping

PAGE, WINDOW, WINDOWS = 100, 200_000, 5


def page(entity: str, outcome: str, school: int | None, after: int) -> tuple[list[Any], int | None]:
    """At most 100 entries behind `after`, and where to look on: None at the end.

    A few windows of the index are read and no more: rare outcomes among millions are found by looking on.
    """
    entries = LegacyIdMapping.objects.using("v5").filter(entity_type=entity)
    found: list[Any] = []
    for _window in range(WINDOWS):
        keys = entries.filter(legacy_id__gt=after).order_by("legacy_id").values_list("legacy_id", flat=True)
        upto = next(iter(keys[WINDOW - 1 : WINDOW]), None)
        some = entries.filter(legacy_id__gt=after, disposition=outcome, school_id=school)
        if upto is not None:
            some = some.filter(legacy_id__lte=upto)
        found += some.order_by("legacy_id", "part")[: PAGE + 1 - len(found)]
        if len(found) > PAGE:
            return found[:PAGE], found[PAGE - 1].legacy_id
        if upto is None:
            return found, None
        after = upto
    return found, after
