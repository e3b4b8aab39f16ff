"""Target ids handed out ahead of a batch."""

from __future__ import annotations

from django.db import models


class IdReservation(models.Model):
    """Ids of one V5 table from `next_id` up to and excluding `region_end` belong to the migration.

    A live V5 application inserts above the region. `forecast` separates the ids of dry runs.
    """

    table = models.CharField(max_length=64)
    forecast = models.CharField(max_length=64, blank=True)
    next_id = models.BigIntegerField()
    region_end = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["table", "forecast"], name="one_reservation_per_table")
        ]

    def __str__(self) -> str:
        return f"{self.table} from {self.next_id}"
