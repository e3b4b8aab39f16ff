"""What a rollback is about, as a condition on the id map: which entries go, and with them the rows they own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from entities.engine import source

OF_NO_SCHOOL = ("booking_users", "booking_payment_notice_log")  # their entries may carry no school
OWN = (
    "migrated",
    "split",
    "synthesised",
    "rejected",
    "skipped",
)  # a row of one of these was written by a run


@dataclass(frozen=True)
class Scope:
    """Entries that some runs wrote: all of them, or those of a legacy school, of a batch, since a moment (UTC, ISO text
    as V5 keeps it), or exactly the entries listed. `v5_school` is the school's id in V5."""

    runs: list[int] = field(default_factory=list)
    school: int | None = None
    v5_school: int | None = None
    batch: int | None = None
    since: str = ""
    entries: list[int] | None = None

    def where(self, alias: str = "m") -> str:
        """SQL on the map; every value in it is a number or an ISO time of ours."""
        if self.entries is not None:
            return f"{alias}.id IN ({_listed(self.entries)})"
        parts = [f"{alias}.run_id IN ({_listed(self.runs)})"]
        if self.school is not None:
            parts.append(f"({alias}.school_id = {int(self.school)} OR {self._of_its_rows(alias)})")
        if self.batch is not None:
            parts.append(f"{alias}.batch_id = {int(self.batch)}")
        if self.since:
            parts.append(f"{alias}.created_at >= '{self.since}'")
        return " AND ".join(parts)

    def _of_its_rows(self, alias: str) -> str:
        """Entries of no school that live in a row of the school: notices, attendances."""
        from entities.rollback.tables import in_school

        rows = (in_school(table, alias, int(self.v5_school or 0)) for table in OF_NO_SCHOOL)
        return f"({alias}.school_id IS NULL AND ({' OR '.join(rows)}))"

    def images(self, alias: str = "i") -> str:
        """SQL on the kept before-images: what the same runs changed, since the same moment."""
        parts = [f"{alias}.run_id IN ({_listed(self.runs)})", f"{alias}.rollback_id IS NULL"]
        if self.since:
            parts.append(f"{alias}.created_at >= '{self.since}'")
        return " AND ".join(parts)

    def holds(self, entry: Mapping[str, Any]) -> bool:
        """Whether an entry of the map, given as text by column, is one of those that go."""
        if self.entries is not None:
            return int(entry["id"]) in set(self.entries)
        run, school, batch = (_number(entry[name]) for name in ("run_id", "school_id", "batch_id"))
        return (
            run in self.runs
            and (self.school in (None, school) or school is None)
            and self.batch in (None, batch)
            and (not self.since or str(entry["created_at"] or "") >= self.since)
        )

    @property
    def is_whole(self) -> bool:
        """Whether everything that its runs wrote (since a moment) goes."""
        return self.entries is None and self.batch is None and self.school is None

    @property
    def is_small(self) -> bool:
        """Whether its entries are listed one by one."""
        return self.entries is not None

    def dump(self) -> dict[str, Any]:
        return asdict(self)


def load(values: Mapping[str, Any]) -> Scope:
    return Scope(**values)


def _listed(ids: Sequence[int]) -> str:
    return source.listed(list(map(int, ids)))[0] if ids else "NULL"


def _number(value: Any) -> int | None:
    return None if value in (None, "") else int(value)
