"""The counts behind the page of causes, kept up to date by whoever writes issues.

A change of issues adds its difference to the groups it touches: at most three statements, whatever the number of
issues. `recount` starts from the issues themselves, for a record that was filled by other means.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Count, Max, Min, Q, QuerySet, Sum

from tracking.models import Issue, IssueGroup, Wave
from tracking.states import IssueState

Key = tuple[str, str, str, str, str]
NAMES = ("code", "entity_type", "field", "level", "currency")
COUNTED = ("open", "seen", "amount", "regressions", "first_seen", "last_seen")
IS_OPEN = Q(state=IssueState.OPEN)


@dataclass
class _Change:
    open: int = 0
    seen: int = 0
    amount: Decimal = Decimal(0)
    regressions: int = 0


class Differences:
    """What a change of issues does to their groups; `keep` writes it."""

    def __init__(self, now: datetime) -> None:
        self.now, self._changes = now, dict[Key, _Change]()

    def appeared(self, issue: Issue) -> None:
        self._of(issue).seen += 1
        self._open(issue, +1, issue.amount)

    def came_back(self, issue: Issue) -> None:
        self._open(issue, +1, issue.amount)
        self._of(issue).regressions += 1

    def went(self, issue: Issue) -> None:
        self._open(issue, -1, issue.amount)

    def seen_again(self, issue: Issue, former: Decimal | None) -> None:
        """An open issue whose money may have changed."""
        self._of(issue).amount += (issue.amount or Decimal(0)) - (former or Decimal(0))

    def _open(self, issue: Issue, step: int, amount: Decimal | None) -> None:
        change = self._of(issue)
        change.open += step
        change.amount += step * (amount or Decimal(0))

    def _of(self, issue: Issue) -> _Change:
        return self._changes.setdefault(tuple(getattr(issue, name) for name in NAMES), _Change())  # type: ignore[arg-type]

    def keep(self, wave_id: int) -> None:
        """Add the differences to the groups, in one transaction with the issues they stem from."""
        if not self._changes:
            return
        with transaction.atomic(using="default"):
            codes = {key[0] for key in self._changes}
            held = (
                IssueGroup.objects.select_for_update().filter(wave_id=wave_id, code__in=codes).order_by("pk")
            )
            known = {key_of(group): group for group in held}
            changed = [group for key, group in known.items() if key in self._changes]
            fresh = [self._new(wave_id, key) for key in self._changes if key not in known]
            for group in [*changed, *fresh]:
                self._add(group, self._changes[key_of(group)])
            IssueGroup.objects.bulk_update(changed, COUNTED)
            IssueGroup.objects.bulk_create(fresh)

    def _new(self, wave_id: int, key: Key) -> IssueGroup:
        names = dict(zip(NAMES, key, strict=True))
        return IssueGroup(wave_id=wave_id, first_seen=self.now, last_seen=self.now, **names)

    def _add(self, group: IssueGroup, change: _Change) -> None:
        group.open = max(0, group.open + change.open)
        group.seen += change.seen
        group.amount += change.amount
        group.regressions += change.regressions
        if change.open > 0 or change.seen or not change.open:
            group.last_seen = self.now


def key_of(group: IssueGroup) -> Key:
    return (group.code, group.entity_type, group.field, group.level, group.currency)


def recount(wave: Wave) -> int:
    """The groups of a wave made anew from its issues: reads them all once; returns how many groups there are."""
    counted = Issue.objects.filter(wave=wave).values(*NAMES).annotate(
        open=Count("pk", filter=IS_OPEN), seen=Count("pk"), amount_open=Sum("amount", filter=IS_OPEN),
        returns=Sum("regressions"), first=Min("first_seen"), last=Max("last_seen"),
    ).order_by()  # fmt: skip
    with transaction.atomic(using="default"):
        IssueGroup.objects.filter(wave=wave).delete()
        made = IssueGroup.objects.bulk_create(_counted(wave, row) for row in counted)
    return len(made)


def _counted(wave: Wave, row: dict[str, Any]) -> IssueGroup:
    return IssueGroup(
        wave=wave, **{name: row[name] for name in NAMES}, open=row["open"], seen=row["seen"],
        amount=row["amount_open"] or Decimal(0), regressions=row["returns"] or 0, first_seen=row["first"],
        last_seen=row["last"],
    )  # fmt: skip


def count_missing() -> list[Wave]:
    """Recount the waves that have issues and no group: a record that was filled by other means."""
    waves = [
        wave
        for wave in Wave.objects.filter(issue_groups__isnull=True)
        if Issue.objects.filter(wave=wave).exists()
    ]
    for wave in waves:
        recount(wave)
    return waves


@dataclass(frozen=True)
class Cause:
    """A cause as people read it: the groups of all currencies together."""

    wave: Wave
    code: str
    entity_type: str
    field: str
    level: str
    open: int
    seen: int
    regressions: int
    first_seen: datetime
    last_seen: datetime
    money: dict[str, Decimal]
    pk: int

    def issues(self) -> QuerySet[Issue]:
        """Its issues that need a person, oldest first."""
        return of_group(self.wave.pk, self.code, self.entity_type, self.field, self.level).order_by("pk")


def of_group(wave_id: int, code: str, entity_type: str, field: str, level: str) -> QuerySet[Issue]:
    return Issue.objects.filter(
        wave_id=wave_id, code=code, entity_type=entity_type, field=field, state=IssueState.OPEN, level=level
    )


def causes(wave: Wave | None = None, *, level: str = "", also_closed: bool = False) -> list[Cause]:
    """Causes with open issues, by impact: errors before warnings, then by the records they hold back."""
    groups = IssueGroup.objects.select_related("wave").order_by("pk")
    if wave is not None:
        groups = groups.filter(wave=wave)
    if level:
        groups = groups.filter(level=level)
    if not also_closed:
        groups = groups.filter(open__gt=0)
    found: dict[tuple[Any, ...], list[IssueGroup]] = {}
    for group in groups:
        found.setdefault((group.wave_id, *key_of(group)[:4]), []).append(group)
    return sorted((_cause(some) for some in found.values()), key=_impact)


def cause_of(group: IssueGroup) -> Cause:
    """The cause that a group belongs to, with its other currencies."""
    same = IssueGroup.objects.select_related("wave").filter(
        wave=group.wave_id,
        code=group.code,
        entity_type=group.entity_type,
        field=group.field,
        level=group.level,
    )
    return _cause(list(same.order_by("pk")))


def _cause(groups: Iterable[IssueGroup]) -> Cause:
    some = list(groups)
    one = some[0]
    return Cause(
        one.wave, one.code, one.entity_type, one.field, one.level, sum(group.open for group in some),
        sum(group.seen for group in some), sum(group.regressions for group in some),
        min(group.first_seen for group in some), max(group.last_seen for group in some),
        {group.currency: group.amount for group in some if group.amount}, one.pk,
    )  # fmt: skip


def _impact(cause: Cause) -> tuple[bool, int, str, str]:
    return (cause.level != Issue.ERROR, -cause.open, cause.code, cause.entity_type)
