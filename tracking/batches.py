"""The batches of a run as one picture: squares by state, and how many there are of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from tracking.models import Batch, Run

MOST_SQUARES = 360
FAILED, RUNNING, RETRY, PENDING, REJECTS, DONE = "failed", "running", "retry", "pending", "rejects", "done"
WORST_FIRST = (FAILED, RUNNING, RETRY, PENDING, REJECTS, DONE)
WORDS = {
    FAILED: gettext_lazy("failed as a whole"), RUNNING: gettext_lazy("in work"),
    RETRY: gettext_lazy("waiting for another attempt"),
    PENDING: gettext_lazy("waiting for a worker"), REJECTS: gettext_lazy("done, with rejected rows"), DONE: gettext_lazy("done"),
}  # fmt: skip
FILTERS: dict[str, dict[str, Any]] = {
    FAILED: {"status__exact": "failed"}, RUNNING: {"status__exact": "running"},
    RETRY: {"status__exact": "pending", "attempt__gt": 0}, PENDING: {"status__exact": "pending", "attempt__exact": 0},
    REJECTS: {"status__exact": "done", "rejected__gt": 0}, DONE: {"status__exact": "done", "rejected__exact": 0},
}  # fmt: skip
Row = tuple[int, str, int, int]  # id, status, attempt, rejected


@dataclass(frozen=True)
class Square:
    """One batch, or several that follow each other; its state is the worst of theirs."""

    state: str
    first: int
    last: int
    count: int
    says: str


@dataclass
class Picture:
    """`each` batches share a square; `retried` batches needed more than one attempt."""

    squares: list[Square] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    each: int = 1
    total: int = 0
    retried: int = 0


def picture(run: Run, most: int = MOST_SQUARES) -> Picture:
    """In the order in which the batches were made; one statement, at most `most` squares."""
    rows = Batch.objects.filter(run=run).order_by("pk").values_list("pk", "status", "attempt", "rejected")
    return drawn(list(rows), most)


def drawn(rows: Sequence[Row], most: int = MOST_SQUARES) -> Picture:
    each = max(1, -(-len(rows) // most))
    states = [state_of(row) for row in rows]
    counted = Counter(states)
    squares = [
        _square(rows[start : start + each], states[start : start + each])
        for start in range(0, len(rows), each)
    ]
    retried = sum(row[2] > 1 for row in rows)
    return Picture(
        squares, {name: counted[name] for name in WORST_FIRST if counted[name]}, each, len(rows), retried
    )


OF_STATUS = {
    "failed": (FAILED, FAILED),
    "running": (RUNNING, RUNNING),
    "done": (DONE, REJECTS),
    "pending": (PENDING, RETRY),
}


def state_of(row: Row) -> str:
    """The state that the map shows: what is done may have rejected rows, what waits may have been tried."""
    _pk, status, attempt, rejected = row
    plain, special = OF_STATUS[status]
    return special if (attempt if status == "pending" else rejected) else plain


def _square(rows: Sequence[Row], states: Sequence[str]) -> Square:
    counted = Counter(states)
    worst = next(name for name in WORST_FIRST if counted[name])
    first, last = rows[0][0], rows[-1][0]
    if len(rows) == 1:
        return Square(
            worst, first, last, 1, _("batch %(n)s: %(state)s") % {"n": first, "state": WORDS[worst]}
        )
    parts = ", ".join(f"{counted[name]} {WORDS[name]}" for name in WORST_FIRST if counted[name])
    says = _("batches %(first)s to %(last)s: %(parts)s") % {"first": first, "last": last, "parts": parts}
    return Square(worst, first, last, len(rows), says)


def to_come(run: Run) -> int:
    """About how many batches will still be claimed, at the size of now; 0 when every key was claimed."""
    if run.exhausted or not run.batch_size:
        return 0
    return -(-max(0, run.total_records - run.processed_records) // run.batch_size)


def marks(batches: Iterable[Batch]) -> str:
    """Batches as a person saw them: `812=failed.3,813=failed.2`."""
    from tracking.actions.requeue import mark_of

    return ",".join(f"{one.pk}={mark_of(one)}" for one in batches)


def from_marks(text: str) -> dict[int, str]:
    """The inverse of `marks`; what is malformed is left out."""
    found = {}
    for part in text.split(","):
        number, _equals, seen = part.partition("=")
        if number.strip().isdigit():
            found[int(number)] = seen.strip()
    return found


def counted(number: int) -> str:
    return ngettext("%(n)s batch", "%(n)s batches", number) % {"n": f"{number:,}"}
