"""The level of a client at a school, which a private lesson takes over (4.12.3, Q-19), written once more for the checks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from entities.reconciliation.reading import Reading

LEVELS = """
    SELECT t.id, t.user_id, t.sport_id, t.school_id, t.degree_id, TEXT(t.deleted_at) AS deleted_at,
        COALESCE(TEXT(t.updated_at), TEXT(t.created_at), '') AS changed FROM user_sports t
    JOIN users u ON u.id = t.user_id WHERE u.user_type = 2 AND t.user_id IN ({ids})"""
MEMBERSHIPS = "SELECT user_id, school_id FROM user_schools WHERE user_id IN ({ids})"


class ClientLevels:
    """Levels of some legacy users: two statements."""

    def __init__(self, read: Reading, users: Iterable[int]) -> None:
        self._rows: dict[tuple[int, int], list[Any]] = defaultdict(list)
        for row in read.within("legacy", LEVELS, users):
            self._rows[(row.user_id, row.sport_id)].append(row)
        self._schools: dict[int, set[int]] = defaultdict(set)
        for row in read.within("legacy", MEMBERSHIPS, {user for user, _ in self._rows}):
            self._schools[row.user_id].add(row.school_id)

    def of(self, user: int, school: int, sport: int) -> int | None:
        """The global degree at that school; a row without school holds for all schools of the person."""
        everywhere = not self._schools[user] or school in self._schools[user]
        rows = [
            row for row in self._rows.get((user, sport), ())
            if row.school_id == school or (row.school_id is None and everywhere)
        ]  # fmt: skip
        if not rows:
            return None
        best = max(
            rows, key=lambda row: (row.school_id is not None, not row.deleted_at, row.changed, -row.id)
        )
        return None if best.deleted_at else int(best.degree_id)
