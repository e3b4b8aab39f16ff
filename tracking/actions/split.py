"""Splitting a batch that failed as a whole, so that one bad range costs no good records."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from tracking import requeues
from tracking.actions.base import ActionRefused
from tracking.actions.requeue import RequeueBatches
from tracking.models import Batch, Run, Tally
from tracking.states import BatchStatus

FEWEST, MOST = 2, 50
Piece = tuple[int, int, list[int] | None]  # key_after, key_to, keys


class SplitBatches(RequeueBatches):
    """Each failed batch becomes `parts` smaller ones over the same keys, and all of them wait again.

    The batch itself keeps its number and becomes the first part. A batch that was counted once before is refused:
    its parts would be counted twice.
    """

    name = "split and requeue batches"

    def __init__(self, run: Run, seen_batches: Mapping[int, str], *, parts: int, **who: Any) -> None:
        super().__init__(run, seen_batches, **who)
        self.parts = parts

    def effect(self) -> str:
        made = [len(pieces(one, self.parts)) for one in self.batches()]
        return _("Split %(batches)s failed batches into %(made)s smaller ones and re-queue them, %(records)s records.") % {
            "batches": len(made), "made": sum(made), "records": f"{requeues.records(self.batches()):,}",
        }  # fmt: skip

    def check(self) -> None:
        super().check()
        if not FEWEST <= self.parts <= MOST:
            raise ActionRefused(
                _("a batch is split into %(few)s to %(most)s parts") % {"few": FEWEST, "most": MOST}
            )
        for batch in self.batches():
            self._check_one(batch)

    def _check_one(self, batch: Batch) -> None:
        said = {"batch": batch.pk}
        if batch.status != BatchStatus.FAILED:
            raise ActionRefused(_("batch %(batch)s did not fail: only a failed batch is split") % said)
        if len(pieces(batch, self.parts)) < FEWEST:
            raise ActionRefused(_("batch %(batch)s holds a single key: re-queue it as it is") % said)
        if batch.keys is None and Tally.objects.filter(batch=batch).exists():
            raise ActionRefused(
                _("batch %(batch)s was done before and failed when it was done again: re-queue it as it is")
                % said
            )

    def execute(self, now: datetime) -> dict[str, Any]:
        whole = list(self.batches())
        errors = {one.pk: one.error for one in whole}
        made: list[Batch] = []
        for batch in whole:
            made += self._split(batch)
        self._put_back(whole)
        self._remember([*self.batches(), *made], now, errors)
        self._reopen(now)
        return {"batches": [*errors, *(one.pk for one in made)], "made": len(made), "status": self.run.status}

    def _split(self, batch: Batch) -> list[Batch]:
        """Narrow the batch to its first piece; make batches of the others.

        They begin with the batch's fence: what a lost attempt may have written is looked at again, row by row.
        """
        first, *others = pieces(batch, self.parts)
        size = -(-batch.size // (len(others) + 1))
        Batch.objects.filter(pk=batch.pk).update(
            key_after=first[0], key_to=first[1], keys=first[2], size=size
        )
        return [
            Batch.objects.create(
                run=self.run, segment=batch.segment, key_after=after, key_to=to, keys=keys, size=size, fence=batch.fence
            )
            for after, to, keys in others
        ]  # fmt: skip


def pieces(batch: Batch, parts: int) -> list[Piece]:
    """The batch's keys in at most `parts` pieces of about the same width; keys that were listed stay listed."""
    count = len(batch.keys) if batch.keys is not None else batch.key_to - batch.key_after
    step = max(1, -(-count // max(1, parts)))
    if batch.keys is not None:
        lists = [batch.keys[start : start + step] for start in range(0, count, step)]
        return [(keys[0] - 1, keys[-1], keys) for keys in lists]
    starts = range(batch.key_after, batch.key_to, step)
    return [(start, min(start + step, batch.key_to), None) for start in starts]
