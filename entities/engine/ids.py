"""Reserved target ids: known before the insert, never handed out twice, and below those of a live V5 application.

A region of ids per table is taken out of the server's own sequence once (`AUTO_INCREMENT` is moved behind
it); workers take blocks out of the region by a conditional update of its reservation row. Unused ids stay
unused. Where references are built from ids (GR-18), the region starts above the largest legacy id.
"""

from __future__ import annotations

import threading

from django.db import connections, transaction
from django.db.models import F

from entities.engine import schema, source, vendors
from tracking.models import IdReservation

REGION = 1_000_000
BLOCK = 5_000
FORECAST_GAP = 1_000_000
ABOVE_LEGACY = {"bookings": "bookings2", "vouchers": "vouchers"}  # GR-18: V5 table -> legacy table


class ReservedIds:
    """Hands out ids of the blocks that this thread holds; fetches the next block when they run dry."""

    def __init__(self, forecast: str = "") -> None:
        self.forecast = forecast
        self._blocks: dict[str, list[tuple[int, int]]] = {}

    def take(self, table: str) -> int:
        blocks = self._blocks.get(table)
        if not blocks:
            self.ready(table, 1)
            blocks = self._blocks[table]
        following, end = blocks[0]
        if following + 1 < end:
            blocks[0] = (following + 1, end)
        else:
            blocks.pop(0)
        return following

    def take_several(self, table: str, count: int) -> list[int]:
        """As many ids at once, ascending within each block."""
        self.ready(table, count)
        blocks, taken = self._blocks[table], list[int]()
        while len(taken) < count:
            following, end = blocks.pop(0)
            upto = min(end, following + count - len(taken))
            taken += range(following, upto)
            if upto < end:
                blocks.insert(0, (upto, end))
        return taken

    def ready(self, table: str, count: int) -> None:
        """Hold at least `count` ids of a table from now on.

        Called before a V5 transaction, because opening a region is DDL, which would commit what that
        transaction has written so far.
        """
        blocks = self._blocks.setdefault(table, [])
        held = sum(end - following for following, end in blocks)
        if held < count:
            blocks.append(reserve(table, max(BLOCK, count - held), self.forecast))


_held = threading.local()


def of(forecast: str = "") -> ReservedIds:
    """The ids that this thread holds: two threads with one block would hand out the same id twice."""
    if not hasattr(_held, "by_forecast"):
        _held.by_forecast = {}
    found: ReservedIds = _held.by_forecast.setdefault(forecast, ReservedIds(forecast))
    return found


def reserve(table: str, count: int, forecast: str = "") -> tuple[int, int]:
    """A block [first, end) of `count` ids that nobody else gets."""
    while True:
        with transaction.atomic(using="default"):
            taken = IdReservation.objects.filter(
                table=table, forecast=forecast, next_id__lte=F("region_end") - count
            ).update(next_id=F("next_id") + count)
            if taken:
                end = IdReservation.objects.get(table=table, forecast=forecast).next_id
                return end - count, end
        _open_region(table, forecast, count)


def _open_region(table: str, forecast: str, count: int) -> None:
    size = max(REGION, count)
    first = _first_free(table)
    if forecast:
        first += FORECAST_GAP
    existing = IdReservation.objects.filter(table=table, forecast=forecast).first()
    if existing is not None:
        first = max(first, existing.region_end)
    if not forecast:
        connection = connections["v5"]
        vendors.of(connection).bump(connection, table, first + size)
    if existing is None:
        IdReservation.objects.get_or_create(
            table=table, forecast=forecast, defaults={"next_id": first, "region_end": first + size}
        )
    else:  # another worker may have opened a region meanwhile; then this one stays unused
        IdReservation.objects.filter(pk=existing.pk, region_end=existing.region_end).update(
            next_id=first, region_end=first + size
        )


def _first_free(table: str) -> int:
    connection = connections["v5"]
    first: int = vendors.of(connection).next_id(connection, table)
    if table in ABOVE_LEGACY:
        first = max(first, _largest_legacy_id(ABOVE_LEGACY[table]) + 1)
    return first


def _largest_legacy_id(table: str) -> int:
    if table not in schema.live("legacy").tables:
        return 0
    with connections["legacy"].cursor() as cursor:
        cursor.execute(f"SELECT MAX(id) FROM {table}")
        return int(cursor.fetchone()[0] or 0)


def forget() -> None:
    """For tests that point an alias elsewhere: other databases, other ids and schemas."""
    global _held  # noqa: PLW0603
    _held = threading.local()
    source.forget()
