"""Memberships, restrictions and papers of those who are neither clients nor monitors (4.11)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from entities.engine.definition import Mapping
from entities.engine.environment import Env
from entities.engine.values import Entry, Row, Unit
from entities.users import accounts, people
from tracking.sentences import sentence

UNKNOWN = sentence("nobody knows what kind of user it is")
MEMBERS = (1, 5)  # administrators and viewers; super-administrators belong to no school


class BackOffice:
    """Settles the children of an account's rows; `mapping` writes the memberships."""

    def __init__(self, unit: Unit, env: Env, mapping: type[Mapping]) -> None:
        self.unit, self.env, self.mapping = unit, env, mapping
        self.entries = {
            entry.legacy_id: entry for entry in unit.entries if entry.entity == "user" and not entry.part
        }

    def settle(self, rows: Sequence[Row]) -> None:
        """Give every child of these rows its entry."""
        for row in rows:
            self._papers(row)
        self._memberships([(row, link) for row in rows for link in self._of("memberships", row)])

    def _of(self, name: str, row: Row) -> list[Any]:
        return self.env.facts.children[name].get(row.id, [])

    def _papers(self, row: Row) -> None:
        """Levels and notes of the back office have no place in V5, nor have permissions."""
        for name in ("levels", "notes", "permissions"):
            for paper in self._of(name, row):
                self._homeless(paper, self.entries[row.id])
        self._restrictions(row, self.entries[row.id])

    def _restrictions(self, row: Row, account: Entry) -> None:
        """They decide about the season role (Q-18) and stay readable with the account."""
        rows = self._of("restrictions", row)
        if rows and account.v5_id is not None:
            account.keep(
                restrictions=sorted([one.type_id, one.action_id] for one in rows if not one.deleted_at)
            )
        for one in rows:
            if account.v5_id is None:
                self._homeless(one, account)
            else:
                self.unit.merge("archive:admin_restrictions", one, account)

    def _homeless(self, paper: Row, account: Entry) -> None:
        entity = f"archive:{paper._table}"
        if account.rejected:
            self.unit.reject(entity, paper, "PERSON_REJECTED", "user_id", UNKNOWN, under=account)
        else:
            self.unit.skip(entity, paper, "NO_TARGET")

    def _memberships(self, links: list[tuple[Row, Row]]) -> None:
        """One membership per account and school: an active row before an inactive one, then the lowest id."""
        written: dict[int, Entry | int] = {}
        for row, link in sorted(links, key=lambda pair: (pair[1].active_school != 1, pair[1].id)):
            if row.user_type in MEMBERS:
                self._membership(link, self.entries[row.id], written)
            elif accounts.is_known_kind(row):
                reason = "SYSTEM_ACCOUNT" if row.user_type == people.CHAT else "NO_TARGET"
                self.unit.skip("school_user", link, reason).school_id = link.school_id
            else:
                entry = self.unit.reject("school_user", link, "PERSON_REJECTED", "user_id", UNKNOWN,
                                         under=self.entries[row.id])  # fmt: skip
                entry.school_id = link.school_id

    def _membership(self, link: Row, account: Entry, written: dict[int, Entry | int]) -> None:
        unit, answer = (
            self.unit,
            self.env.choices.of("inactive_membership", school=link.school_id).school_users,
        )
        earlier = self.env.facts.before_schools.get(
            (account.v5_id, self.env.known["school"].get(link.school_id))
        )
        if people.is_left_out(self.env, link.school_id):
            entry = unit.skip("school_user", link, "OUT_OF_SCOPE_SCHOOL", archive=False)
        elif account.rejected:
            entry = unit.reject(
                "school_user",
                link,
                "PERSON_REJECTED",
                "user_id",
                sentence("the account was rejected"),
                under=account,
            )
        elif link.school_id in written:
            entry = unit.merge(
                "school_user", link, written[link.school_id], self.mapping.table, under=account
            )
        elif earlier is not None:
            entry = unit.merge("school_user", link, earlier, self.mapping.table, under=account)
            written[link.school_id] = earlier
        elif link.active_school != 1 and answer == "skip":
            entry = unit.skip("school_user", link, "INACTIVE_MEMBERSHIP")
        else:
            ended = self._ended(link) if answer == "soft_delete" else None
            entry = unit.draft(
                self.mapping, link, {"user_id": account.v5_id, "deleted_at": ended}, under=account
            )
            written[link.school_id] = entry
        entry.school_id = link.school_id

    @staticmethod
    def _ended(link: Row) -> str | None:
        """An inactive membership ended with its last change; one that tells no time ended long ago."""
        if link.active_school == 1:
            return None
        return people.moment_of(link.status_updated_at, link.updated_at, link.created_at) or people.LONG_AGO
