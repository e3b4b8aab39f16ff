"""From the words of a command line to phases and a wave; what does not fit is refused with the next step."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, time

from django.db import connections

from entities import registry
from entities.engine.errors import Refused
from tracking import plan
from tracking.models import Wave

FIRST, LAST = 1, 4


def phases(text: str) -> tuple[int, ...]:
    """`2`, `2-4` or `2,4`: phases 1 (checks) to 4, in order; anything else is refused."""
    found: set[int] = set()
    for part in text.split(","):
        match = re.fullmatch(r"\s*(\d+)\s*(?:-\s*(\d+)\s*)?", part)
        if not match:
            raise Refused(f"{text!r} names no phases: write for example 2, 2-4 or 2,3")
        begin, end = int(match[1]), int(match[2] or match[1])
        if begin > end or begin < FIRST or end > LAST:
            raise Refused(
                f"{part.strip()!r} is no range of phases {FIRST} to {LAST}: 1 checks the databases, 2 moves reference "
                "data, 3 users, 4 courses and bookings; 5 and 6 move nothing"
            )
        found |= set(range(begin, end + 1))
    return tuple(sorted(found))


def cutover(text: str | None) -> datetime | None:
    """`YYYY-MM-DD` (midnight UTC) or `YYYY-MM-DD HH:MM`, in UTC."""
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
        return datetime.combine(day, time(), UTC)
    except ValueError:
        pass
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError:
        raise Refused(f"--cutover {text!r} is no date: write YYYY-MM-DD") from None


def names(only: Sequence[str] | None) -> tuple[str, ...]:
    """The migrations to narrow to; unknown names are refused."""
    if unknown := set(only or ()) - set(registry.MIGRATIONS):
        raise Refused(
            f"no migration {', '.join(sorted(unknown))}; there are {', '.join(registry.MIGRATIONS)}"
        )
    return tuple(only or ())


def wave(name: str, schools: Sequence[int], cut: datetime | None, now: datetime) -> Wave:
    """The wave of that name, made when it is new; refuses a scope or cut-over that differs from the wave's."""
    found = Wave.objects.filter(name=name).first()
    if found is None:
        _check_schools(schools)
        return plan.get_or_create_wave(name, now, schools=schools, cutover_at=cut)
    if schools and sorted(schools) != sorted(found.schools):
        has = ", ".join(map(str, found.schools)) or "all"
        raise Refused(f"wave {name} moves schools {has}; another list needs another wave: --wave NAME")
    if cut is not None and found.cutover_at is not None and cut != found.cutover_at:
        raise Refused(
            f"wave {name} has its cut-over at {found.cutover_at:%Y-%m-%d %H:%M}; another needs another wave"
        )
    if cut is not None and found.cutover_at is None:
        Wave.objects.filter(pk=found.pk).update(cutover_at=cut)
        found.refresh_from_db()
    return found


def _check_schools(schools: Sequence[int]) -> None:
    if not schools:
        return
    with connections["legacy"].cursor() as cursor:
        cursor.execute(
            f"SELECT id FROM schools WHERE id IN ({', '.join(['%s'] * len(schools))})", list(schools)
        )
        known = {row[0] for row in cursor.fetchall()}
    if unknown := sorted(set(schools) - known):
        raise Refused(
            f"legacy has no school {', '.join(map(str, unknown))}; ids are those of the legacy table schools"
        )
