"""Whether the people and places of a booking belong to its school (R-52 to R-55)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from entities.reconciliation.check import Scanned, Severity
from entities.reconciliation.reading import Reading
from tracking.sentences import sentence

# `+ 0` keeps the planner off the index on the school, which would read all clients of the school for every row.
MEMBER = ("SELECT 1 FROM clients_schools k WHERE k.deleted_at IS NULL AND k.school_id + 0 = {row}.school_id"
          " AND k.client_id = {client}")  # fmt: skip
LEGACY_MEMBER = "SELECT 1 FROM user_schools k WHERE k.school_id + 0 = b.school_id AND k.user_id = {user}"


class Asked(Scanned):
    """A check that is one statement per side: `bad` on V5 (id, found), `bad_in_legacy` on legacy (id, school_id).

    Both hold `{keys}` for the range; that of legacy has its key under the alias `t`.
    """

    bad: ClassVar[str] = ""
    bad_in_legacy: ClassVar[str] = ""
    field: ClassVar[str] = ""
    message: ClassVar[str] = ""

    def violations(self, read: Reading, after: int, upto: int) -> Iterator[tuple[int, str, str, Any]]:
        for row in read.v5(self.bad.replace("{keys}", "t.id > %s AND t.id <= %s"), [after, upto]):
            yield row.id, self.field, self.message, row.found

    def legacy_violations(
        self, read: Reading, ids: Iterable[int] | None, after: int, upto: int
    ) -> Mapping[int, int | None]:
        sql = self.bad_in_legacy
        if ids is None:
            rows = read.legacy(sql.replace("{keys}", "t.id > %s AND t.id <= %s"), [after, upto])
        else:
            rows = read.within("legacy", sql.replace("{keys}", "t.id IN ({ids})"), ids)
        return {row.id: row.school_id for row in rows}


class PayerBelongs(Asked):
    id, rule, twin, table, entity, legacy_table = "R-52", "R-52", True, "bookings", "booking", "bookings2"
    title = _("Payers are clients of the school")
    how = _("The payer of each booking has a membership at the school of the booking.")
    field, message = "client_main_id", sentence("the payer is no client of the school")
    bad = f"""
        SELECT t.id, t.client_main_id AS found FROM bookings t
        WHERE {{keys}} AND NOT EXISTS ({MEMBER.format(row="t", client="t.client_main_id")})"""
    bad_in_legacy = f"""
        SELECT t.id, t.school_id FROM bookings2 t
        WHERE {{keys}} AND NOT EXISTS ({LEGACY_MEMBER.replace("b.", "t.").format(user="t.user_main_id")})"""


class ParticipantBelongs(Asked):
    id, rule, table, entity = "R-53", "R-53, M 4.12.2", "booking_users", "booking_user"
    title = _("Participants are clients of the school")
    how = _(
        "Each participant has a membership at the school of the booking, one made for the booking included."
    )
    field, message = "client_id", sentence("the participant is no client of the school")
    bad = f"""
        SELECT t.id, t.client_id AS found FROM booking_users t JOIN bookings b ON b.id = t.booking_id
        WHERE {{keys}} AND NOT EXISTS ({MEMBER.format(row="b", client="t.client_id")})"""


class OneSchool(Asked):
    id, rule, twin = "R-54", "R-54, GR-19", True
    table, entity, legacy_table = "booking_users", "booking_user", "booking_users2"
    title = _("A line, its booking and its course belong to one school")
    how = _("The school of each line is that of its booking and that of its course.")
    field, message = "school_id", sentence("line, booking and course belong to different schools")
    bad = """
        SELECT t.id, t.school_id AS found FROM booking_users t LEFT JOIN bookings b ON b.id = t.booking_id
        LEFT JOIN courses c ON c.id = t.course_id
        WHERE {keys} AND (b.school_id IS NULL OR b.school_id <> t.school_id
            OR (t.course_id IS NOT NULL AND (c.school_id IS NULL OR c.school_id <> t.school_id)))"""
    bad_in_legacy = """
        SELECT t.id, b.school_id FROM booking_users2 t JOIN bookings2 b ON b.id = t.booking2_id
        LEFT JOIN course_groups_subgroups2 s ON s.id = t.course_groups_subgroup2_id
        LEFT JOIN course_groups2 g ON g.id = s.course_group2_id
        JOIN courses2 c ON c.id = COALESCE(g.course2_id, t.course2_id)
        WHERE {keys} AND c.school_id <> b.school_id"""


class PayerOrDependant(Asked):
    id, rule, twin, severity = "R-55", "R-55", True, Severity.I
    table, entity, legacy_table = "booking_users", "booking_user", "booking_users2"
    title = _("Participants who are neither the payer nor one of his dependants")
    how = _("The participant of each line is the payer of the booking or linked to the payer as a dependant.")
    field, message = "client_id", sentence("neither the payer nor a dependant")
    bad = """
        SELECT t.id, t.client_id AS found FROM booking_users t JOIN bookings b ON b.id = t.booking_id
        WHERE {keys} AND t.client_id <> b.client_main_id AND NOT EXISTS (
            SELECT 1 FROM clients_utilizers k WHERE k.deleted_at IS NULL AND k.main_id = b.client_main_id
            AND k.client_id = t.client_id)"""
    bad_in_legacy = """
        SELECT t.id, b.school_id FROM booking_users2 t JOIN bookings2 b ON b.id = t.booking2_id
        WHERE {keys} AND t.user_id <> b.user_main_id AND NOT EXISTS (
            SELECT 1 FROM user_groups k WHERE k.user_main_id = b.user_main_id AND k.user_secondary_id = t.user_id)"""


CHECKS = (PayerBelongs, ParticipantBelongs, OneSchool, PayerOrDependant)
