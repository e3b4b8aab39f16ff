"""Checks of dependants (reconciliation section 4)."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from entities.engine import source
from entities.reconciliation.check import Kind, Looked, Ranged, Seen
from entities.reconciliation.checks.plainly import address, schools, targets
from entities.reconciliation.reading import Reading


class Dependants(Ranged):
    """R-26: a client without an address has no account; both ends of a link are there, differ and share a school.

    A school is shared where legacy has the payer active at a school that moved (dependants follow there, 4.12.2).
    """

    id, title = "R-26", _("Dependants are persons of their own, without an account of somebody else")
    how = _(
        "Clients without e-mail have no V5 account; V5 links join two different clients who share a school."
    )
    rule, phase, table = "R-26, Q-15, Q-16", 3, "users"

    def slice(self, read: Reading, after: int, upto: int, looked: Looked) -> None:
        if read.choices.of("dependant_accounts") == "none":
            self._accounts(read, after, upto, looked)
        self._links(read, after, upto, looked)

    @staticmethod
    def _accounts(read: Reading, after: int, upto: int, looked: Looked) -> None:
        rows = read.legacy(
            "SELECT id, email FROM users WHERE user_type = 2 AND id > %s AND id <= %s", [after, upto]
        )
        without = {row.id for row in rows if address(row.email) is None}
        clients = targets(read, "client", without)
        sql = "SELECT id, user_id FROM clients WHERE user_id IS NOT NULL AND id IN ({ids})"
        accounts = {row.id: row.user_id for row in read.within("v5", sql, clients.values())}
        for person in sorted(without):
            looked.examined()
            if clients.get(person) in accounts:
                looked.find(
                    Seen(Kind.VIOLATION, None, "client", "users", person, "", "clients", clients[person], "user_id", None,
                         accounts[clients[person]], "a client without e-mail address has an account")
                )  # fmt: skip

    def _links(self, read: Reading, after: int, upto: int, looked: Looked) -> None:
        known, _none = source.listed(sorted(schools(read)) or [0])
        rows = read.legacy(
            "SELECT g.id, g.user_main_id, CASE WHEN EXISTS (SELECT 1 FROM user_schools m WHERE m.user_id = g.user_main_id"
            f" AND m.active_school = 1 AND m.school_id IN ({known})) THEN 1 ELSE 0 END AS active FROM user_groups g"
            " WHERE g.user_main_id > %s AND g.user_main_id <= %s", [after, upto]
        )  # fmt: skip
        made = targets(read, "client_utilizer", {row.id for row in rows})
        links = {one.id: one for one in read.within(
            "v5", "SELECT id, main_id, client_id FROM clients_utilizers WHERE id IN ({ids})", made.values())}  # fmt: skip
        places = self._schools(read, {end for one in links.values() for end in (one.main_id, one.client_id)})
        for row in rows:
            if (link := links.get(made.get(row.id, 0))) is None:
                continue
            looked.examined()
            if wrong := self._fault(link, places, bool(row.active)):
                looked.find(
                    Seen(Kind.VIOLATION, None, "client_utilizer", "user_groups", row.id, "", "clients_utilizers", link.id,
                         "client_id", message=wrong)
                )  # fmt: skip

    @staticmethod
    def _schools(read: Reading, clients: set[int]) -> dict[int, set[int]]:
        """Schools of V5 clients, which are keys only if the client exists."""
        found: dict[int, set[int]] = {
            row.id: set() for row in read.within("v5", "SELECT id FROM clients WHERE id IN ({ids})", clients)
        }
        for row in read.within(
            "v5", "SELECT client_id, school_id FROM clients_schools WHERE client_id IN ({ids})", found
        ):
            found[row.client_id].add(row.school_id)
        return found

    @staticmethod
    def _fault(link: Any, places: dict[int, set[int]], sharing: bool) -> str:
        if link.main_id == link.client_id:
            return "somebody depends on himself"
        if link.main_id not in places or link.client_id not in places:
            return "one of the two clients does not exist"
        if sharing and not places[link.main_id] & places[link.client_id]:
            return "the two clients share no school"
        return ""
