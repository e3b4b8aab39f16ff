"""Issues of a batch: written once per fault, updated when seen again, resolved when gone."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import F

from tracking.models import Batch, Issue, Run
from tracking.sentences import facts_of
from tracking.states import IssueState
from tracking.triage import groups


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


@dataclass(frozen=True)
class Settled:
    """How the open issues of some records changed: by level, newly open and no longer open."""

    new_errors: int = 0
    gone_errors: int = 0
    new_warnings: int = 0
    gone_warnings: int = 0


Key = tuple[str, int, str, str, str]


def upsert_issues(
    run: Run, batch: Batch, roots: list[tuple[str, int]], drafts: list[IssueDraft], now: datetime
) -> Settled:
    """Make the open issues of these roots equal to what was just found, in statements for all of them at once."""
    found = {draft.key: draft for draft in drafts}
    known = _of_roots(run.phase.wave_id, roots)
    known |= _of_records(run.phase.wave_id, [draft for key, draft in found.items() if key not in known])
    again = [issue for key, issue in known.items() if key in found]
    reopened = [issue for issue in again if issue.state == IssueState.RESOLVED]
    gone = [issue for key, issue in known.items() if key not in found and issue.state == IssueState.OPEN]
    new = [_new(run, batch, draft, now) for key, draft in found.items() if key not in known]
    changes = groups.Differences(now)
    opened = Counter(issue.level for issue in [*new, *reopened])
    same = [issue for issue in again if _is_same(issue, found[_key(issue)])]
    unlike = sorted(set(again) - set(same), key=lambda issue: issue.pk)
    for issue in same:
        changes.seen_again(issue, issue.amount)
    for issue in unlike:
        _seen_again(issue, found[_key(issue)], run, batch, now, changes)
    _keep_same(same, run, batch, now)
    Issue.objects.bulk_update(unlike, SEEN_AGAIN, batch_size=500)
    Issue.objects.filter(pk__in=[issue.pk for issue in gone]).update(
        state=IssueState.RESOLVED, resolved_at=now
    )
    Issue.objects.bulk_create(new, batch_size=1_000)
    for issue in new:
        changes.appeared(issue)
    for issue in gone:
        changes.went(issue)
    changes.keep(run.phase.wave_id)
    closed = Counter(issue.level for issue in gone)
    return Settled(opened[Issue.ERROR], closed[Issue.ERROR], opened[Issue.WARNING], closed[Issue.WARNING])


SEEN_AGAIN = [
    "occurrences", "last_seen", "run", "batch_id", "message", "message_facts", "payload", "amount", "state",
    "resolved_at", "root_entity", "root_id", "regressions",
]  # fmt: skip


def _is_same(issue: Issue, draft: IssueDraft) -> bool:
    """Whether an open issue says already what was found again: such ones are kept by one statement for them all."""
    return (
        issue.state == IssueState.OPEN
        and (issue.root_entity, issue.root_id) == (draft.root_entity, draft.root_id)
        and (issue.message, issue.message_facts) == (draft.message[:500], facts_of(draft.message))
        and (issue.amount, issue.payload) == (draft.amount, draft.payload)
    )


def _keep_same(issues: list[Issue], run: Run, batch: Batch, now: datetime) -> None:
    for some in _pages([issue.pk for issue in issues]):
        Issue.objects.filter(pk__in=some).update(
            occurrences=F("occurrences") + 1, last_seen=now, run=run, batch_id=batch.pk
        )


def _seen_again(
    issue: Issue, draft: IssueDraft, run: Run, batch: Batch, now: datetime, changes: groups.Differences
) -> None:
    former = issue.amount
    issue.occurrences += 1
    issue.last_seen, issue.run, issue.batch_id, issue.message = now, run, batch.pk, draft.message[:500]
    issue.message_facts = facts_of(draft.message)
    issue.payload, issue.amount = draft.payload, draft.amount
    issue.root_entity, issue.root_id = draft.root_entity, draft.root_id
    if issue.state == IssueState.RESOLVED:
        issue.state, issue.resolved_at = IssueState.OPEN, None
        issue.regressions += 1
        changes.came_back(issue)
    elif issue.state == IssueState.OPEN:
        changes.seen_again(issue, former)


def _of_roots(wave_id: int, roots: list[tuple[str, int]]) -> dict[Key, Issue]:
    """Issues of aggregates that were just looked at."""
    ids: dict[str, list[int]] = defaultdict(list)
    for entity, root in roots:
        ids[entity].append(root)
    return _by_key(
        Issue.objects.filter(wave_id=wave_id, root_entity=entity, root_id__in=some)
        for entity, all_ids in ids.items()
        for some in _pages(all_ids)
    )


def _of_records(wave_id: int, drafts: list[IssueDraft]) -> dict[Key, Issue]:
    """Issues of the same records that were filed under another aggregate (a line that changed its booking)."""
    ids: dict[str, list[int]] = defaultdict(list)
    for draft in drafts:
        ids[draft.entity_type].append(draft.legacy_id)
    wanted = {draft.key for draft in drafts}
    found = _by_key(
        Issue.objects.filter(wave_id=wave_id, entity_type=entity, legacy_id__in=some)
        for entity, all_ids in ids.items()
        for some in _pages(all_ids)
    )
    return {key: issue for key, issue in found.items() if key in wanted}


def _by_key(queries: Iterable[Iterable[Issue]]) -> dict[Key, Issue]:
    return {_key(issue): issue for query in queries for issue in query}


def _pages(ids: list[int], size: int = 5_000) -> Iterator[list[int]]:
    for start in range(0, len(ids), size):
        yield ids[start : start + size]


def _key(issue: Issue) -> Key:
    return (issue.entity_type, issue.legacy_id, issue.part, issue.code, issue.field)


def _new(run: Run, batch: Batch, draft: IssueDraft, now: datetime) -> Issue:
    return Issue(
        wave_id=run.phase.wave_id, run=run, batch_id=batch.pk, entity_type=draft.entity_type,
        legacy_table=draft.legacy_table, legacy_id=draft.legacy_id, part=draft.part, root_entity=draft.root_entity,
        root_id=draft.root_id, school_id=draft.school_id, stage=draft.stage, level=draft.level, code=draft.code,
        field=draft.field, message=draft.message[:500], message_facts=facts_of(draft.message), payload=draft.payload,
        amount=draft.amount,
        currency=draft.currency, first_seen=now, last_seen=now,
    )  # fmt: skip
