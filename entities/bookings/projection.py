"""The projection of a booking into `v5_bookings` (4.20): dates, status, participants and amounts."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from entities.bookings.facts import Facts
from entities.bookings.lines import ACTIVE, Line, Part
from entities.engine.environment import Env

ZERO = Decimal("0.00")
ACTIVITY = 3
LINK_METHODS = (2, 3)


@dataclass(slots=True)
class Overview:
    """What the lines of a booking add up to. `counted` are the live parts, or all parts when none is live."""

    counted: list[Part]
    live: list[Part]
    base: Decimal
    last_end: str

    @property
    def first(self) -> Part | None:
        return self.counted[0] if self.counted else None

    def only(self, values: set[Any]) -> Any:
        return values.pop() if len(values) == 1 else None


def overview(lines: list[Line]) -> Overview:
    """Parts in the order of their time, and the price of the live lines that were migrated."""
    everything = sorted((part for line in lines for part in line.parts), key=lambda part: part.start)
    live = sorted((part for line in lines if line.live for part in line.parts), key=lambda part: part.start)
    counted = live or everything
    base = sum((line.row.price for line in lines if line.live and line.parts), ZERO)
    return Overview(counted, live, base, max((part.end for part in live), default=""))


def status_of(booking: Any, cancelled: bool, lines: list[Line], seen: Overview, env: Env) -> tuple[str, str]:
    """The V5 status and a flag; the first condition of 4.20 that fits."""
    if cancelled:
        return "cancelled", ""
    if not seen.live:
        return _without_live_lines(lines, seen, env)
    past = seen.last_end < env.cutover
    if past and booking.paid:
        return "completed", ""
    if past:
        return env.choices.of("past_unpaid", school=booking.school_id), "PAST_UNPAID"
    if booking.paid:
        return "paid", ""
    if booking.payment_method_id in LINK_METHODS:
        return env.choices.of("future_link_payment", school=booking.school_id), "AWAITING_PAYMENT"
    return "confirmed", ""


def _without_live_lines(lines: list[Line], seen: Overview, env: Env) -> tuple[str, str]:
    """Decisions, "V5 status without migrated live lines"."""
    if lines and all(line.status != ACTIVE for line in lines):
        return "cancelled", ""
    dates = [part.date for part in seen.counted] + [line.row.date[:10] for line in lines if line.row.date]
    if not dates or max(dates) < env.today:
        return "completed", "NO_LINES"
    return "confirmed", "NO_LINES"


def participants(lines: list[Line], school: int, env: Env) -> list[dict[str, Any]]:
    """One object per distinct participant, in the order of the lines; nothing is invented (Q-47)."""
    facts: Facts = env.facts
    choice = env.choices.of("participant_json", school=school)
    people: dict[int, dict[str, Any]] = {}
    for line in lines:
        for part in line.parts:
            person = people.get(line.client_id)
            if person is None:
                person = people[line.client_id] = _person(line, facts)
                if choice.unknown_keys == "null":
                    person["emergency_contact"] = None
            if "level" not in person and part.degree_id:
                person["level"] = facts.degree_names.get(part.degree_id, "")
            person["lines"].append(part.entry.v5_id)
    return list(people.values())


def _person(line: Line, facts: Facts) -> dict[str, Any]:
    first, last, birth = facts.people.get(line.client_id, ("", "", None))
    person: dict[str, Any] = {
        "client_id": line.client_id, "first_name": first, "last_name": last, "date_of_birth": birth, "lines": [],
    }  # fmt: skip
    if line.stood_in:
        person["placeholder"] = True
    return person


def booking_data(booking: Any, paxes: int, lines: list[Line]) -> dict[str, Any]:
    """The legacy facts of a booking without a column in V5; no raw row, no gateway data (GR-17)."""
    return {
        "legacy_id": booking.id,
        "legacy_reference": booking.payrexx_reference,
        "payment_method": booking.payment_method_id,
        "paxes": paxes,
        "attendance": booking.attendance,
        "is_past": booking.is_past,
        "lines": [
            {
                "legacy_line_id": line.row.id, "course_id": part.place.course_id, "course_date_id": part.place.course_date_id,
                "date": part.date, "hour_start": part.hour_start, "hour_end": part.hour_end, "price": str(part.price),
                "status": line.status,
            }
            for line in lines for part in line.parts
        ],
    }  # fmt: skip
