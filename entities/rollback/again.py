"""The second look: what people did between the look that was decided on and the start of the work.

Nobody has decided about that yet, so it stays whatever was decided for what the first look had found. It is taken when
the first look is older than `HOLDS`; what people do from then on is seen row by row, while the rows are taken out.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from entities.rollback import keep, preview
from entities.rollback.keep import DECIDED, Finding
from tracking.models import Part, Rollback, RollbackFinding
from tracking.sweeps import PartPlan, Step

HOLDS = timedelta(minutes=10)
SETTLE = "what stays"


def parts(rollback: Rollback, counted: dict[str, int], stage: int, now: datetime) -> list[PartPlan]:
    """The parts of a second look, and behind them one that works out anew what stays; none when it is not due."""
    look = rollback.look
    if look is not None and look.finished_at is not None and now - look.finished_at <= HOLDS:
        return []
    return [*preview.parts(counted, stage), PartPlan(SETTLE, stage + 1)]


def step(rollback: Rollback, part: Part) -> Step:
    """The next rows of a part of the second look."""
    if part.name == SETTLE:
        keep.settle(rollback)
        return Step(None, True)
    return preview.step(rollback, part, _save)


def _save(rollback: Rollback, findings: Iterable[RollbackFinding]) -> None:
    """Keep what was found; of what is new, that the row it is about stays."""
    listed = list(findings)
    known = {
        kind: keep.shown(rollback, kind, [(one.table, one.v5_id) for one in listed if one.kind == kind])
        for kind in DECIDED
    }
    preview.save(
        rollback,
        [
            _late(one) if one.kind in DECIDED and (one.table, one.v5_id) not in known[one.kind] else one
            for one in listed
        ],
    )


def _late(one: RollbackFinding) -> RollbackFinding:
    """That a row stays which was edited, or on which somebody wrote."""
    if one.kind == Finding.CHILD:
        return RollbackFinding(kind=Finding.LATE, table=one.parent_table, v5_id=one.parent_id, stays=True)
    return RollbackFinding(
        kind=Finding.LATE, table=one.table, v5_id=one.v5_id, entity_type=one.entity_type, legacy_id=one.legacy_id,
        school_id=one.school_id, stays=True,
    )  # fmt: skip
