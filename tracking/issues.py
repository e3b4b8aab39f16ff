"""Issues of a batch: written once per fault, updated when seen again, resolved when gone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from tracking.models import Batch, Issue, Run
from tracking.states import IssueState


@dataclass(frozen=True)
class IssueDraft:
    """One fault of one record, as the engine found it. `payload` holds no secrets."""

    entity_type: str
    legacy_table: str
    legacy_id: int
    part: str
    root_entity: str
    root_id: int
    school_id: int | None
    stage: str
    level: str
    code: str
    field: str
    message: str
    payload: dict[str, Any] | None = None
    amount: Decimal | None = None
    currency: str = ""

    @property
    def key(self) -> tuple[str, int, str, str, str]:
        return (self.entity_type, self.legacy_id, self.part, self.code, self.field)


def upsert_issues(
    run: Run, batch: Batch, roots: list[tuple[str, int]], drafts: list[IssueDraft], now: datetime
) -> None:
    """Make the open issues of these roots equal to what was just found: four statements, whatever the size."""
    found = {draft.key: draft for draft in drafts}
    known = _known(run.phase.wave_id, roots)
    again = [issue for key, issue in known.items() if key in found]
    for issue in again:
        draft = found[_key(issue)]
        issue.occurrences += 1
        issue.last_seen, issue.run, issue.batch_id, issue.message = now, run, batch.pk, draft.message[:500]
        issue.payload, issue.amount = draft.payload, draft.amount
        if issue.state == IssueState.RESOLVED:
            issue.state, issue.resolved_at = IssueState.OPEN, None
    Issue.objects.bulk_update(
        again, ["occurrences", "last_seen", "run", "batch_id", "message", "payload", "amount", "state", "resolved_at"],
        batch_size=500,
    )  # fmt: skip
    gone = [issue.pk for key, issue in known.items() if key not in found and issue.state == IssueState.OPEN]
    if gone:
        Issue.objects.filter(pk__in=gone).update(state=IssueState.RESOLVED, resolved_at=now)
    Issue.objects.bulk_create(
        [_new(run, batch, draft, now) for key, draft in found.items() if key not in known], batch_size=1_000
    )


def _known(wave_id: int, roots: list[tuple[str, int]]) -> dict[tuple[str, int, str, str, str], Issue]:
    entities = {entity for entity, _ in roots}
    issues: dict[tuple[str, int, str, str, str], Issue] = {}
    for entity in entities:
        ids = [root for one, root in roots if one == entity]
        for start in range(0, len(ids), 5_000):
            rows = Issue.objects.filter(
                wave_id=wave_id, root_entity=entity, root_id__in=ids[start : start + 5_000]
            )
            issues |= {_key(issue): issue for issue in rows}
    return issues


def _key(issue: Issue) -> tuple[str, int, str, str, str]:
    return (issue.entity_type, issue.legacy_id, issue.part, issue.code, issue.field)


def _new(run: Run, batch: Batch, draft: IssueDraft, now: datetime) -> Issue:
    return Issue(
        wave_id=run.phase.wave_id, run=run, batch_id=batch.pk, entity_type=draft.entity_type,
        legacy_table=draft.legacy_table, legacy_id=draft.legacy_id, part=draft.part, root_entity=draft.root_entity,
        root_id=draft.root_id, school_id=draft.school_id, stage=draft.stage, level=draft.level, code=draft.code,
        field=draft.field, message=draft.message[:500], payload=draft.payload, amount=draft.amount,
        currency=draft.currency, first_seen=now, last_seen=now,
    )  # fmt: skip
