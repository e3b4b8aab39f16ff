"""Checks of names and dates of birth (reconciliation section 4)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _

from entities.reconciliation.check import Kind, Looked, Ranged, Seen, Severity
from entities.reconciliation.checks.plainly import SENTINEL, day, today
from entities.reconciliation.checks.walked import Line, Walked, Wrong
from entities.reconciliation.reading import Reading

USUAL_INVENTIONS = ("1970-01-01", "1971-01-01")
OLDEST = 110  # years


def _birth(row: Any, found: Any, read: Reading) -> Iterable[Wrong]:
    old, new, now = day(row.birth), str(found.birth or "")[:10], today(read)
    known = old.isoformat() if old and old.isoformat() <= now else None
    if new == SENTINEL:
        if known not in (None, SENTINEL):
            yield "birth_date", known, new
        elif "BIRTH_DATE_UNKNOWN" not in (found.additional_data or ""):
            yield "birth_date", "flagged as unknown", new
    elif new in USUAL_INVENTIONS and new != known:
        yield "birth_date", known, new
    elif new and (new > now or int(now[:4]) - int(new[:4]) > OLDEST):
        yield (
            ("birth_date", f"within {OLDEST} years", new, True)
            if new == known
            else ("birth_date", known, new)
        )


class BirthDates(Walked):
    """R-29: no date of birth was made up; implausible ones that legacy has too are listed."""

    id, title = "R-29", _("No date of birth was made up")
    how = _(
        "Marks for unknown dates, 1 January 1970 and 1971, dates to come and great ages are held against legacy."
    )
    severity, rule, phase = Severity.W, "R-29, Q-06", 3
    lines = tuple(
        Line(
            entity,
            "users",
            v5_table,
            "NULL AS school, TEXT(t.birth_date) AS birth",
            "TEXT(v.birth_date) AS birth",
            _birth,
        )
        for entity, v5_table in (("client", "clients"), ("monitor", "monitors"))
    )


def _words(*names: Any) -> list[str]:
    return sorted(" ".join(str(one or "").split()) for one in names)


def _names(row: Any, found: Any, read: Reading) -> Iterable[Wrong]:
    """Both empty is written as Unknown; letters that V5 could not store are flagged."""
    wanted = _words(row.first_name, row.last_name)
    if not any(wanted):
        wanted = ["", "Unknown"]
    if wanted != _words(found.first_name, found.last_name) and "TRANSLITERATED" not in (
        found.additional_data or ""
    ):
        yield "first_name", " · ".join(wanted), " · ".join(_words(found.first_name, found.last_name))


class Names(Walked):
    """R-29b: nobody lost or gained a name."""

    id, title = "R-29b", _("Everybody has the names of before")
    how = _(
        "First and last name of accounts, clients and monitors, in whatever order, are held against legacy."
    )
    rule, phase = "R-29b, Q-08", 3
    lines = tuple(
        Line(
            entity,
            "users",
            v5_table,
            "NULL AS school, t.first_name, t.last_name",
            "v.first_name, v.last_name",
            _names,
        )
        for entity, v5_table in (("user", "users"), ("client", "clients"), ("monitor", "monitors"))
    )


class NameOrder(Ranged):
    """R-29c: whoever is account, client and monitor has the names in one order in all of them."""

    id, title = "R-29c", _("Names stand in one order in all records of a person")
    how = _(
        "The order of the names in V5, compared with legacy, must be the same in account, client and monitor."
    )
    rule, phase, table = "R-29b, Q-08", 3, "users"

    def slice(self, read: Reading, after: int, upto: int, looked: Looked) -> None:
        orders: dict[int, dict[str, Any]] = {}
        for entity in ("user", "client", "monitor"):
            rows = read.v5(
                f"SELECT m.legacy_id, v.first_name, v.last_name FROM legacy_id_mappings m JOIN {entity}s v ON v.id = m.v5_id"
                f" WHERE m.entity_type = '{entity}' AND m.v5_table = '{entity}s' AND m.part = ''"
                " AND m.disposition IN ('migrated', 'synthesised') AND m.legacy_id > %s AND m.legacy_id <= %s", [after, upto]
            )  # fmt: skip
            for row in rows:
                orders.setdefault(row.legacy_id, {})[entity] = row
        several = {key for key, some in orders.items() if len(some) > 1}
        for row in read.within(
            "legacy", "SELECT id, first_name, last_name FROM users WHERE id IN ({ids})", several
        ):
            looked.examined()
            told = {entity: self._order(row, one) for entity, one in orders[row.id].items()}
            if len(set(told.values()) - {""}) > 1:
                looked.find(
                    Seen(Kind.VIOLATION, None, "client", "users", row.id, field="first_name",
                         found=", ".join(f"{entity}: {order}" for entity, order in told.items()),
                         message="the names are exchanged in some of the person's records only")
                )  # fmt: skip

    @staticmethod
    def _order(row: Any, found: Any) -> str:
        """How V5 has the names: as legacy, exchanged, or nothing tells."""
        old = tuple(" ".join(str(one or "").split()) for one in (row.first_name, row.last_name))
        new = tuple(" ".join(str(one or "").split()) for one in (found.first_name, found.last_name))
        if old == old[::-1]:
            return ""
        return "as in legacy" if new == old else "exchanged" if new == old[::-1] else ""
