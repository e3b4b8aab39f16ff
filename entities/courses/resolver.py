"""Where a booking line takes place in V5: class or private day, for a whole batch in a fixed number of queries.

    lessons = resolver.load(read, lines, school_of, env.choices)
    for place in lessons.subgroups(line.course_groups_subgroup2_id): ...
    answer = lessons.private(line)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from entities.engine.read import Reader
from tracking.choices import Choices


class Place(NamedTuple):
    """One date of one course in V5, for classes with group and subgroup. All ids are V5 ids.

    `trashed`: the subgroup, its group, its date or its course is deleted. `date_live`: the date is not.
    `course_type` 1 collective, 2 private, 3 activity. Dates and hours are ISO text.
    """

    course_id: int
    course_date_id: int
    date: str
    hour_start: str
    hour_end: str
    group_id: int | None
    subgroup_id: int | None
    degree_id: int | None
    monitor_id: int | None
    school_id: int
    course_type: int
    trashed: bool
    date_live: bool
    max_participants: int | None


class PrivateAnswer(NamedTuple):
    """The place of a private line, or the reason code why there is none.

    `hour` and `duration` (minutes) are those of the line, else of its course; `hour_end` is missing when they
    cannot be told. `placeholder`: the course is the school's "Legacy course" (Q-41).
    """

    place: Place | None
    reason: str = ""
    warnings: tuple[str, ...] = ()
    hour_start: str | None = None
    duration: int | None = None
    placeholder: bool = False


class Lessons:
    """What `load` found."""

    def subgroups(self, subgroup_id: int) -> list[Place]:
        """The class of a legacy subgroup on each of its dates, in their order; empty when it has no V5 record."""
        raise NotImplementedError

    def rejected(self, subgroup_id: int) -> str:
        """Reason code of a legacy subgroup that has no place: that of its own rejection, "" when nobody knows it."""
        raise NotImplementedError

    def relinked(self, line: Any, place: Place) -> Place | None:
        """A live class with room for a live line whose class is deleted (Q-33): same date, else same day."""
        raise NotImplementedError

    def private(self, line: Any) -> PrivateAnswer:
        """The day of a private line: own course, recovered course or placeholder."""
        raise NotImplementedError


def load(read: Reader, lines: Iterable[Any], school_of: Mapping[int, int], choices: Choices) -> Lessons:
    """Read what the lines need; `school_of` gives the legacy school id of each line's booking (`booking2_id`)."""
    raise NotImplementedError
