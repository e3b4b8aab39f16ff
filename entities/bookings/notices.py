"""Payment reminders already sent, so that V5 does not send them again (4.24)."""

from __future__ import annotations

from typing import Any

from entities.bookings.legacy import LegacyPaymentNotice
from entities.bookings.v5 import V5PaymentNotice
from entities.engine.definition import Mapping, Migration
from entities.engine.environment import Env, Scope
from entities.engine.extract import RowBatch
from entities.engine.fields import Copy, Given
from entities.engine.normalise import timestamp
from entities.engine.read import Reader
from entities.engine.values import Aggregate, Unit
from tracking.sentences import sentence


class NoticeMapping(Mapping):
    """One reminder about one line of a booking."""

    entity = "payment_notice"
    source, target = LegacyPaymentNotice, V5PaymentNotice

    booking_id = Given("V5 id of the booking", uses=("booking2_id",))
    booking_user_id = Given(
        "V5 id of the line, of its first date if it was split", uses=("booking_user2_id",)
    )
    date = Copy(convert=timestamp)


class NoticeMigration(Migration):
    """The log of payment reminders."""

    name, title, phase, after = "notices", "Payment reminders", 4, ("bookings",)
    root, root_entity = LegacyPaymentNotice, "payment_notice"
    mappings = (NoticeMapping,)
    fast = False  # a reminder waits for its booking

    def scope_where(self, scope: Scope) -> str:
        """A reminder of no booking belongs to the waves of all schools, test schools left out or not."""
        inside = scope.where("b.school_id")
        if not inside:
            return ""
        own = f"t.booking2_id IN (SELECT b.id FROM bookings2 b WHERE {inside})"
        if scope.schools is not None:
            return own
        return f"({own} OR NOT EXISTS (SELECT 1 FROM bookings2 b WHERE b.id = t.booking2_id))"

    def facts(self, batch: RowBatch, read: Reader, env: Env) -> dict[str, dict[int, int]]:
        lines: dict[int, int] = {}
        entries = read.entries("booking_user", {row.booking_user2_id for row in batch.roots})
        for (legacy_id, _), entry in sorted(entries.items()):
            if entry.v5_id:
                lines.setdefault(legacy_id, entry.v5_id)
        return {"booking": read.known("booking", {row.booking2_id for row in batch.roots}), "line": lines}

    def transform(self, aggregate: Aggregate, env: Env, unit: Unit) -> None:
        row: Any = aggregate.root
        booking, line = env.facts["booking"].get(row.booking2_id), env.facts["line"].get(row.booking_user2_id)
        if booking is None:
            unit.reject(
                "payment_notice",
                row,
                "BOOKING_REJECTED",
                "booking2_id",
                sentence("booking %(booking2)s has no V5 record", booking2=row.booking2_id),
            )
        elif line is None:
            unit.reject(
                "payment_notice",
                row,
                "PARENT_REJECTED",
                "booking_user2_id",
                sentence("line %(booking_user2)s has no V5 record", booking_user2=row.booking_user2_id),
            )
        else:
            unit.draft(NoticeMapping, row, {"booking_id": booking, "booking_user_id": line})
