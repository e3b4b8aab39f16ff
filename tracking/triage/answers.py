"""Writing people's answers: one active correction per legacy row and wave; what it replaces stays as history."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from tracking.models import Correction, Issue


@dataclass(frozen=True)
class Answer:
    """Other values by legacy column (`None` empties it), or the record left out."""

    issue: Issue
    values: dict[str, str | None]
    reason: str
    skip: bool = False

    @property
    def key(self) -> tuple[str, int]:
        return (self.issue.legacy_table, self.issue.legacy_id)


def put(wave_id: int, answers: Iterable[Answer], actor: Any, now: datetime) -> list[Correction]:
    """Store answers in one transaction. Values of an earlier answer for other columns stay in force."""
    by_key: dict[tuple[str, int], list[Answer]] = {}
    for answer in answers:
        by_key.setdefault(answer.key, []).append(answer)
    with transaction.atomic(using="default"):
        former = active(wave_id, by_key, lock=True)
        Correction.objects.filter(pk__in=[one.pk for one in former.values()]).update(active=False)
        made = [_correction(wave_id, some, former.get(key), actor, now) for key, some in by_key.items()]
        return Correction.objects.bulk_create(made, batch_size=500)


def active(
    wave_id: int, keys: Iterable[tuple[str, int]], *, lock: bool = False
) -> dict[tuple[str, int], Correction]:
    """The corrections in force for these legacy rows."""
    tables: dict[str, list[int]] = {}
    for table, legacy_id in keys:
        tables.setdefault(table, []).append(legacy_id)
    found: dict[tuple[str, int], Correction] = {}
    for table, ids in tables.items():
        for start in range(0, len(ids), 5_000):
            rows = Correction.objects.filter(
                wave_id=wave_id, legacy_table=table, legacy_id__in=ids[start : start + 5_000], active=True
            )
            found |= {
                (row.legacy_table, row.legacy_id): row for row in (rows.select_for_update() if lock else rows)
            }
    return found


def values_with(former: Correction | None, values: dict[str, str | None]) -> dict[str, str | None]:
    """New values over those that are in force already."""
    return {**(former.values if former is not None and not former.skip else {}), **values}


def _correction(
    wave_id: int, answers: list[Answer], former: Correction | None, actor: Any, now: datetime
) -> Correction:
    last = answers[-1]
    values = {name: value for answer in answers for name, value in answer.values.items()}
    return Correction(
        wave_id=wave_id, issue=last.issue, legacy_table=last.issue.legacy_table, legacy_id=last.issue.legacy_id,
        values={} if last.skip else values_with(former, values), skip=last.skip, reason=last.reason[:500],
        made_by=actor, made_at=now,
    )  # fmt: skip
