"""Checks of accounts: log-in, passwords, power (reconciliation section 4)."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from entities.reconciliation.check import Check, Kind, Looked, Ranged, Scanned, Seen, Whole
from entities.reconciliation.checks.counts_people import shared_addresses
from entities.reconciliation.checks.plainly import deleted, moment
from entities.reconciliation.reading import Reading
from entities.users.checks_names import BirthDates, NameOrder, Names

BCRYPT = re.compile(r"\$2y\$[0-9]{2}\$[./A-Za-z0-9]{53}")
UNAPPROVED = 0
STRENGTH = {4: 5, 1: 4, 5: 3, 3: 2, 2: 1}  # users.user_type


class UniqueLogin(Whole):
    """R-20: V5 lets in the first active user with an address. With Q-16 = separate legacy's own doubles are inherited."""

    id, title = "R-20", _("No two accounts share an e-mail address")
    how = _("E-mail addresses of V5 accounts that are not deleted, blanks and case aside, must differ.")
    rule, phase, twin = "R-20, Q-16", 3, True

    def look(self, read: Reading, looked: Looked) -> None:
        looked.examined(None, read.v5("SELECT COUNT(*) AS n FROM users WHERE deleted_at IS NULL")[0].n)
        rows = read.v5(
            "SELECT u.id, LOWER(TRIM(u.email)) AS address FROM users u JOIN (SELECT LOWER(TRIM(email)) AS address FROM users"
            " WHERE deleted_at IS NULL AND TRIM(email) <> '' GROUP BY LOWER(TRIM(email)) HAVING COUNT(*) > 1) k"
            " ON k.address = LOWER(TRIM(u.email)) WHERE u.deleted_at IS NULL"
        )
        ours = read.origins("users", {row.id for row in rows})
        known = {one for ids in shared_addresses(read).values() for one in ids} if rows else set()
        apart = read.choices.of("merge_users") != "merge"
        for row in rows:
            if (made := ours.get(row.id)) is None:
                continue  # an account that V5 had before
            looked.find(
                Seen(Kind.VIOLATION, None, "user", "users", made[0].legacy_id, "", "users", row.id, "email", None,
                     row.address, "another account has the same address", apart and made[0].legacy_id in known)
            )  # fmt: skip

    def baseline(self, read: Reading, cursor: int | None, looked: Looked) -> int | None:
        looked.examined(
            None, read.legacy("SELECT COUNT(*) AS n FROM users WHERE user_type BETWEEN 1 AND 5")[0].n
        )
        for shared, ids in shared_addresses(read).items():
            for one in ids:
                looked.find(
                    Seen(
                        Kind.VIOLATION,
                        None,
                        "user",
                        "users",
                        one,
                        field="email",
                        found=shared,
                        inherited=True,
                    )
                )
        return None


class BlankAddresses(Whole):
    """R-21: NULL is the only "none"."""

    id, title = "R-21", _("No e-mail address is blank")
    how = _(
        "Accounts, clients and monitors of V5 have a real e-mail address or none at all, never an empty text."
    )
    rule, phase = "R-21", 3

    def look(self, read: Reading, looked: Looked) -> None:
        for table in ("users", "clients", "monitors"):
            looked.examined(None, read.v5(f"SELECT COUNT(*) AS n FROM {table}")[0].n)
            rows = read.v5(f"SELECT id, email FROM {table} WHERE email IS NOT NULL AND TRIM(email) = ''")
            for v5_id, some in read.origins(table, {row.id for row in rows}).items():
                one = some[0]
                looked.find(
                    Seen(Kind.VIOLATION, None, one.entity_type, one.legacy_table, one.legacy_id or None, one.part, table,
                         v5_id, "email", None, "", "an empty text instead of nothing")
                )  # fmt: skip


class PasswordKept(Ranged):
    """R-22: the hash of the row that decides about the account, or one that no password has. Hashes are never shown."""

    id, title = "R-22", _("Everybody can log in with the password of before")
    how = _(
        "The password hash of each account is held against that of the legacy row which decides about the account."
    )
    rule, phase, table = "R-22, 4.10", 3, "users"
    entity = "user"

    def slice(self, read: Reading, after: int, upto: int, looked: Looked) -> None:
        merging = read.choices.of("merge_users") == "merge"
        groups = {ids[0]: ids for ids in shared_addresses(read).values()} if merging else {}
        later = {one for ids in groups.values() for one in ids[1:]}
        keys = [
            row.id for row in read.legacy("SELECT id FROM users WHERE id > %s AND id <= %s", [after, upto])
        ]
        mine = [groups.get(key, [key]) for key in keys if key not in later]
        people = self._people(read, mine)
        made = read.entries("user", people)
        v5 = read.within("v5", "SELECT id, password FROM users WHERE id IN ({ids})", self._accounts(made))
        hashes = {row.id: row.password for row in v5}
        for ids in mine:
            self._account(read, [people[one] for one in ids if one in people], made, hashes, looked)

    @staticmethod
    def _people(read: Reading, groups: list[list[int]]) -> dict[int, Any]:
        sql = ("SELECT id, password, user_type, deleted_at, TEXT(updated_at) AS updated FROM users WHERE id IN ({ids})"
               " AND user_type BETWEEN 1 AND 5")  # fmt: skip
        return {row.id: row for row in read.within("legacy", sql, {one for ids in groups for one in ids})}

    @staticmethod
    def _accounts(made: Mapping[int, Sequence[Any]]) -> set[int]:
        """V5 accounts that were made, not those that V5 had before."""
        return {
            one.v5_id for some in made.values() for one in some
            if one.disposition == "migrated" and one.v5_table == "users" and one.v5_id is not None
        }  # fmt: skip

    def _account(
        self,
        read: Reading,
        rows: list[Any],
        made: Mapping[int, Sequence[Any]],
        hashes: Mapping[int, str],
        looked: Looked,
    ) -> None:
        entries = [(row, one) for row in rows for one in made.get(row.id, ()) if one.v5_id in hashes]
        if not entries:
            return
        looked.examined()
        best = max(rows, key=lambda row: self._claim(read, row))
        v5_id = next(one.v5_id for _row, one in entries)
        fits = bool(BCRYPT.fullmatch(best.password or ""))
        flagged = any(
            "PASSWORD_UNUSABLE" in (one.additional_data or "") for row, one in entries if row.id == best.id
        )
        found = hashes[v5_id] or ""
        if not BCRYPT.fullmatch(found) and not (flagged and len(found) == 60 and found.startswith("$2y$")):
            what = "no hash of 60 characters"
        elif fits and found != best.password:
            what = "another hash"
        elif not fits and not flagged:
            what = "a hash, although legacy has none that can be used, and nothing says so"
        else:
            return
        looked.find(
            Seen(Kind.DIFFERS, None, "user", "users", best.id, "", "users", v5_id, "password",
                 f"the hash of legacy user {best.id}", what, "the password is not that of the legacy row")
        )  # fmt: skip

    @staticmethod
    def _claim(read: Reading, row: Any) -> tuple[int, bool, str, int]:
        """Strongest role, alive, changed last, lowest id; unticked super-administrators decide about nothing (Q-05)."""
        unticked = row.user_type == 4 and row.id not in read.choices.of("user_types").superadmins
        strength = UNAPPROVED if unticked else STRENGTH[row.user_type]
        return strength, not deleted(row.deleted_at), moment(row.updated) or "", -row.id


OFFICE = (
    "SELECT user_id, COUNT(DISTINCT school_id) AS n FROM school_users WHERE deleted_at IS NULL AND user_id IN ({ids})"
    " GROUP BY user_id"
)
POWERFUL = ("admin", "superadmin", "1", "4")
WRITING = ("admin", "manager", "school_admin", "superadmin")


class NoPowerGained(Scanned):
    """R-28: administrators stem from administrators, and enter no more schools than before; readers only read."""

    id, title = "R-28", _("Nobody gained power by the move")
    how = _("The kind, roles and schools of each V5 account are held against the legacy people behind it.")
    rule, phase = "R-28, Q-05", 3
    table, entity = "users", "user"

    def violations(self, read: Reading, after: int, upto: int) -> Iterable[tuple[int, str, str, Any]]:
        rows = read.v5(
            "SELECT id, type FROM users WHERE id > %s AND id <= %s AND type NOT IN ('client', '2')",
            [after, upto],
        )
        ids = {row.id for row in rows}
        behind, active = self._behind(read, ids), self._schools(read, ids)
        entered = {row.user_id: row.n for row in read.within("v5", OFFICE, ids)}
        roles = self._roles(read, ids)
        for row in rows:
            kinds = behind.get(row.id, set())
            if row.type in POWERFUL and (4 if row.type in ("superadmin", "4") else 1) not in kinds:
                yield row.id, "type", "no legacy person behind the account had this power", row.type
            for role in sorted(roles[row.id]):
                if role in WRITING and not kinds & {1, 4}:
                    yield row.id, "role", "somebody who could only read may write", role
            if 4 not in kinds and "superadmin" in roles[row.id]:
                yield row.id, "role", "nobody approved this super-administrator", "superadmin"
            if entered.get(row.id, 0) > len(active.get(row.id, ())):
                yield row.id, "school_users", "more schools than legacy memberships", entered[row.id]

    @staticmethod
    def _behind(read: Reading, ids: set[int]) -> dict[int, set[int]]:
        """Kinds of the legacy people of each account; super-administrators only with approval."""
        made = read.origins("users", ids)
        types = {row.id: row.user_type for row in read.within(
            "legacy", "SELECT id, user_type FROM users WHERE id IN ({ids})",
            {one.legacy_id for some in made.values() for one in some})}  # fmt: skip
        approved = read.choices.of("user_types").superadmins
        return {
            v5_id: {
                types.get(one.legacy_id, 0) for one in some
                if types.get(one.legacy_id) != 4 or one.legacy_id in approved
            }
            for v5_id, some in made.items()
        }  # fmt: skip

    @staticmethod
    def _schools(read: Reading, ids: set[int]) -> dict[int, set[int]]:
        """Schools where the legacy people of an account are in the back office; inactive ones count where Q-17 keeps them."""
        owner = {one.legacy_id: v5_id for v5_id, some in read.origins("users", ids).items() for one in some}
        found: dict[int, set[int]] = defaultdict(set)
        sql = ("SELECT m.user_id, m.school_id, m.active_school FROM user_schools m JOIN users u ON u.id = m.user_id"
               " WHERE u.user_type IN (1, 5) AND m.user_id IN ({ids})")  # fmt: skip
        for row in read.within("legacy", sql, owner):
            keeps = read.choices.of("inactive_membership", school=row.school_id).school_users == "keep"
            if row.active_school == 1 or keeps:
                found[owner[row.user_id]].add(row.school_id)
        return found

    @staticmethod
    def _roles(read: Reading, ids: set[int]) -> dict[int, set[str]]:
        """Season roles and application roles by account."""
        found: dict[int, set[str]] = defaultdict(set)
        queries = (
            "SELECT user_id AS id, role FROM user_season_roles WHERE deleted_at IS NULL AND user_id IN ({ids})"
            " GROUP BY user_id, role",
            "SELECT h.model_id AS id, r.name AS role FROM model_has_roles h JOIN roles r ON r.id = h.role_id"
            " WHERE h.model_type LIKE '%%User' AND h.model_id IN ({ids})",
        )
        for sql in queries:
            for row in read.within("v5", sql, ids):
                found[row.id].add(row.role)
        return found


CHECKS: tuple[type[Check], ...] = (
    UniqueLogin, BlankAddresses, PasswordKept, NoPowerGained, BirthDates, Names, NameOrder,
)  # fmt: skip
