"""Lines, participants and cancellation on their levels: legacy, bookings, lines, V5 bookings (R-50, R-51)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.utils.translation import gettext_lazy as _

from entities.bookings.checks.ground import (
    ACTIVE,
    CANCELLED,
    GONE,
    IN_FULL,
    IN_PART,
    LIVE,
    Fault,
    Ground,
    Judged,
    in_full,
    parsed,
)
from entities.reconciliation.check import Kind, Looked
from entities.reconciliation.reading import Reading
from tracking.sentences import sentence

NOBODY = 0  # the legacy id of a stand-in


def without_lines(ground: Ground, booking: Any) -> bool:
    """Whether legacy bears out that V5 has no line: NO_LINES, or all of its lines were left out."""
    return all(line.id in ground.lost_lines for line in ground.lines.get(booking.id, ()))


def without_live_lines(ground: Ground, booking: Any) -> bool:
    """Whether there were live lines and all of them were left out."""
    gone = booking.deleted_at
    live = [line for line in ground.lines.get(booking.id, ()) if not line.deleted_at and not gone]
    return bool(live) and all(line.id in ground.lost_lines for line in live)


def people(row: Any) -> list[Any]:
    """The objects in `participants` of a V5 booking."""
    return [one for one in parsed(row.participants, []) if isinstance(one, dict)]


class SomeLine(Judged):
    id, rule, kind = "R-50", "R-50, Q-36", Kind.VIOLATION
    title = _("Every booking has its lines")
    how = _(
        "Each V5 booking has a line, each one that is not cancelled a live line, each V5 projection a participant, unless"
        " legacy has none or they were all rejected."
    )

    def faults(self, ground: Ground, booking: Any, target: Any) -> Iterator[Fault]:
        rows, projected = ground.v5_lines.get(target.id, []), ground.projected.get(booking.id)
        if without_lines(ground, booking):
            return
        if not rows:
            yield Fault("booking_id", message=sentence("no line"), v5_table="booking_users")
        if projected is not None and not people(projected):
            yield Fault(
                "participants", message=sentence("nobody"), v5_table="v5_bookings", v5_id=projected.id
            )
        alive = any(row.status == LIVE for row in rows)
        if rows and target.status != IN_FULL and not alive and not without_live_lines(ground, booking):
            yield Fault("status", found=target.status, message=sentence("no live line"))
        if target.status == IN_FULL and alive:
            yield Fault("status", found=target.status, message=sentence("cancelled with a live line"))


class Participants(Judged):
    id, rule = "R-50c", "R-50, Q-47"
    title = _("Who takes part in each booking")
    how = _(
        "The persons on the lines of each booking in legacy, by their user id, against those on the V5 lines and in the"
        " participants of the V5 booking: nobody is missing, made up or doubled."
    )

    def slice(self, read: Reading, after: int, upto: int, looked: Looked) -> None:
        read.memory.pop("people", None)
        super().slice(read, after, upto, looked)

    def faults(self, ground: Ground, booking: Any, target: Any) -> Iterator[Fault]:
        lines = [line for line in ground.lines.get(booking.id, ()) if line.id not in ground.lost_lines]
        known, back = self._people(ground)
        expected = sorted({line.user_id if line.user_id in known else NOBODY for line in lines})
        found = sorted({back.get(row.client, -1) for row in ground.v5_lines.get(target.id, ())})
        if found != expected:
            yield Fault("client_id", _said(expected), _said(found), "", "booking_users")
        projected = ground.projected.get(booking.id)
        if projected is not None:
            named = sorted(back.get(one.get("client_id"), -1) for one in people(projected))
            if named != expected:
                yield Fault("participants", _said(expected), _said(named), "", "v5_bookings", projected.id)

    @staticmethod
    def _people(ground: Ground) -> tuple[set[int], dict[Any, int]]:
        """Legacy users that can be clients, and the user behind each V5 client of the range."""
        memory = ground.read.memory
        if "people" not in memory:
            users = {line.user_id for some in ground.lines.values() for line in some}
            sql = "SELECT id FROM users WHERE user_type BETWEEN 1 AND 6 AND id IN ({ids})"
            lost = {key for key, some in ground.read.entries("client", users).items()
                    if any(one.disposition in GONE for one in some)}  # fmt: skip
            known = {row.id for row in ground.read.within("legacy", sql, users)} - lost
            clients: set[Any] = {row.client for some in ground.v5_lines.values() for row in some}
            clients |= {one.get("client_id") for row in ground.projected.values() for one in people(row)}
            memory["people"] = known, users_of(ground.read, clients)
        found: tuple[set[int], dict[Any, int]] = memory["people"]
        return found


def users_of(read: Reading, clients: Iterable[Any]) -> dict[Any, int]:
    """The legacy user behind V5 clients, 0 for a stand-in."""
    entries = read.origins("clients", {one for one in clients if isinstance(one, int)})
    return {
        key: one.legacy_id
        for key, some in entries.items()
        for one in reversed(some)
        if one.entity_type == "client"
    }


def _said(users: list[int]) -> str:
    words = {NOBODY: "stand-in", -1: "unknown"}
    return ", ".join(words.get(user, str(user)) for user in users)


class Cancelled(Judged):
    id, rule = "R-51", "R-51, GR-09, M 2"
    title = _("Cancellation of bookings and lines")
    how = _(
        "What is trashed in legacy is cancelled in V5: the status of each booking (1 active, 2 in full, 3 in part) and of each"
        " of its lines, worked out from legacy."
    )

    def faults(self, ground: Ground, booking: Any, target: Any) -> Iterator[Fault]:
        lines = ground.lines.get(booking.id, [])
        some = any(line.deleted_at for line in lines)
        expected = IN_FULL if in_full(booking, lines) else IN_PART if some else ACTIVE
        if target.status != expected:
            yield Fault("status", expected, target.status)
        gone = {line.id for line in lines if booking.deleted_at or line.deleted_at}
        for row in ground.v5_lines.get(target.id, ()):
            if (line := ground.origins.get(row.id)) is None:
                continue  # R-05 and R-32b tell of rows without an entry
            status = CANCELLED if line in gone else LIVE
            if row.status != status:
                yield Fault("status", status, row.status, "", "booking_users", row.id, line)


class LinesAgree(Judged):
    id, rule, kind = "R-51a", "R-51", Kind.VIOLATION
    title = _("Status of a booking and of its lines")
    how = _(
        "In V5 an active booking has a live line, one cancelled in full has none, one cancelled in part has live and cancelled"
        " ones; lines that were rejected are allowed for."
    )

    def faults(self, ground: Ground, booking: Any, target: Any) -> Iterator[Fault]:
        rows = ground.v5_lines.get(target.id, [])
        states = {row.status for row in rows}
        lost = any(line.id in ground.lost_lines for line in ground.lines.get(booking.id, ()))
        if states - {LIVE, CANCELLED} or target.status not in (ACTIVE, IN_FULL, IN_PART):
            yield Fault("status", found=target.status, message=sentence("a status that does not exist"))
        elif target.status == IN_FULL and LIVE in states:
            yield Fault("status", found=target.status, message=sentence("cancelled with a live line"))
        elif target.status == ACTIVE and rows and LIVE not in states and not lost:
            yield Fault("status", found=target.status, message=sentence("active without a live line"))
        elif target.status == IN_PART and states != {LIVE, CANCELLED} and not lost:
            yield Fault(
                "status", found=target.status, message=sentence("in part without both kinds of lines")
            )


class V5Status(Judged):
    id, rule, kind = "R-51b", "R-51, GR-09, Q-39", Kind.VIOLATION
    title = _("Status of the V5 booking")
    how = _(
        "A V5 booking is cancelled, with a date of cancellation, exactly where the operational one is cancelled in full; none"
        " is pending unless that was decided; no cancelled booking or line is deleted."
    )

    def faults(self, ground: Ground, booking: Any, target: Any) -> Iterator[Fault]:
        if target.deleted_at:
            yield Fault("deleted_at", None, target.deleted_at, sentence("deleted instead of cancelled"))
        for line in ground.v5_lines.get(target.id, ()):
            if line.deleted_at:
                yield Fault(
                    "deleted_at",
                    None,
                    line.deleted_at,
                    "",
                    "booking_users",
                    line.id,
                    ground.origins.get(line.id),
                )
        row = ground.projected.get(booking.id)
        if row is None:
            return
        if row.deleted_at:
            yield Fault("deleted_at", None, row.deleted_at, "", "v5_bookings", row.id)
        yield from self._projection(ground, booking, target, row)

    @staticmethod
    def _projection(ground: Ground, booking: Any, target: Any, row: Any) -> Iterator[Fault]:
        may_wait = ground.read.choices.of("future_link_payment", school=booking.school_id) == "pending"
        if row.status == "pending" and not (may_wait and not booking.paid and booking.method in (2, 3)):
            yield Fault("status", found=row.status, message=sentence("V5 cancels it after a day"), v5_table="v5_bookings",
                        v5_id=row.id)  # fmt: skip
        if (row.status == "cancelled") != (target.status == IN_FULL):
            yield Fault(
                "status",
                target.status,
                row.status,
                sentence("the two booking tables disagree"),
                "v5_bookings",
                row.id,
            )
        if bool(row.cancelled_at) != (row.status == "cancelled"):
            yield Fault("cancelled_at", row.status, row.cancelled_at, "", "v5_bookings", row.id)


CHECKS = (SomeLine, Participants, Cancelled, LinesAgree, V5Status)
