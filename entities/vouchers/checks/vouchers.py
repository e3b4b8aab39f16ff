"""Vouchers and what the schools owe for them (R-42 to R-45, R-48, R-49)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from entities.reconciliation.check import (
    Compared,
    Item,
    Kind,
    Looked,
    Ranged,
    Scanned,
    Seen,
    Summed,
)
from entities.reconciliation.reading import LAST, Reading, money
from entities.vouchers.checks.ground import NOTHING, back, cents, stamp, used, v5_vouchers, vouchers
from tracking.sentences import sentence


class EachVoucher(Compared):
    id, rule, entity, table = "R-42", "R-42, M 4.22, Q-42, GR-18", "voucher", "vouchers"
    title = _("Each voucher")
    how = _(
        "Face value, balance, paid mark, owner, school, payment reference and deletion of each voucher on both sides."
    )
    amounts = {"quantity": "", "remaining_balance": ""}

    def expected(self, read: Reading, after: int, upto: int) -> Iterator[tuple[int, Item]]:
        rows = vouchers(read, after, upto)
        known = self._clients(read, {row.user_id for row in rows})
        for row in rows:
            spent = read.choices.of("voucher_payed", school=row.school_id) == "used_up"
            payed = cents(row.remaining_balance) == 0 if spent else bool(row.payed)
            owner = row.user_id if row.user_id in known else 0
            yield row.id, Item(row.school_id, self._values(row, int(payed), owner, row.school_id))

    def found(self, read: Reading, after: int, upto: int) -> Iterator[tuple[int, Item]]:
        rows = v5_vouchers(read, after, upto)
        owners = back(read, "clients", "client", (row.client_id for row in rows))
        schools = back(read, "schools", "school", (row.school_id for row in rows))
        for row in rows:
            values = self._values(
                row, int(bool(row.payed)), owners.get(row.client_id), schools.get(row.school_id)
            )
            yield row.legacy_id, Item(row.owner, values, "vouchers", row.id)

    @staticmethod
    def _clients(read: Reading, users: set[int]) -> set[int]:
        """Users who can be clients; for all others the school's stand-in holds the voucher (Q-35)."""
        sql = "SELECT id FROM users WHERE user_type BETWEEN 1 AND 6 AND id IN ({ids})"
        entries = read.entries("client", users)
        lost = {
            key
            for key, some in entries.items()
            if any(one.disposition in ("rejected", "skipped") for one in some)
        }
        return {row.id for row in read.within("legacy", sql, users)} - lost

    @staticmethod
    def _values(row: Any, payed: int, owner: int | None, school: int | None) -> dict[str, Any]:
        named = {0: "stand-in", None: "unknown"}
        return {
            "quantity": money(row.quantity), "remaining_balance": money(row.remaining_balance), "payed": payed,
            "client_id": named.get(owner, str(owner)), "school_id": school,
            "payrexx_reference": row.payrexx_reference or None, "deleted_at": stamp(row.deleted_at),
        }  # fmt: skip


class Balance(Ranged):
    id, rule, table, twin = "R-43", "R-43, M 4.23", "vouchers", True
    title = _("Balance of each voucher")
    how = _(
        "Face value less live logs less stored balance, on both sides: a difference of legacy is kept and listed, never"
        " repaired; rejected logs are allowed for."
    )

    def slice(self, read: Reading, after: int, upto: int, looked: Looked) -> None:
        rows, there = (
            vouchers(read, after, upto),
            {row.legacy_id: row for row in v5_vouchers(read, after, upto)},
        )
        spent = used(read, "legacy", (row.id for row in rows))
        moved = used(read, "v5", (row.id for row in there.values()))
        lost = self._lost(read, {row.id for row in rows})
        for row in rows:
            if (target := there.get(row.id)) is None:
                continue
            before = self._gap(row, spent.get(row.id, NOTHING))
            expected, found = (
                before + lost.get(row.id, NOTHING),
                self._gap(target, moved.get(target.id, NOTHING)),
            )
            looked.examined(row.school_id)
            looked.of(row.school_id).amount("difference", before, found, before - expected)
            if found != expected or before:
                looked.find(Seen(Kind.DIFFERS if found != expected else Kind.VIOLATION, row.school_id, "voucher", "vouchers",
                                 row.id, "", "vouchers", target.id, "remaining_balance", expected, found,
                                 sentence("face value less logs less balance"), found == expected))  # fmt: skip

    @staticmethod
    def _gap(row: Any, spent: Decimal) -> Decimal:
        return cents(row.quantity) - spent - cents(row.remaining_balance)

    @staticmethod
    def _lost(read: Reading, ids: set[int]) -> dict[int, Decimal]:
        """Amounts of live logs that the ledger left out, by voucher."""
        sql = "SELECT id, voucher_id, amount FROM vouchers_log WHERE deleted_at IS NULL AND voucher_id IN ({ids})"
        logs = {row.id: row for row in read.within("legacy", sql, ids)}
        found: dict[int, Decimal] = defaultdict(lambda: NOTHING)
        for key, entries in read.entries("voucher_log", logs).items():
            if any(one.disposition in ("rejected", "skipped") for one in entries):
                found[logs[key].voucher_id] += cents(logs[key].amount)
        return found

    def baseline(self, read: Reading, cursor: int | None, looked: Looked) -> int | None:
        after = -LAST if cursor is None else cursor
        upto = read.upto("legacy", "vouchers", after, self.size)
        rows = vouchers(read, after, LAST if upto is None else upto)
        spent = used(read, "legacy", (row.id for row in rows))
        for row in rows:
            looked.examined(row.school_id)
            if gap := self._gap(row, spent.get(row.id, NOTHING)):
                looked.find(Seen(Kind.VIOLATION, row.school_id, "voucher", "vouchers", row.id, field="remaining_balance",
                                 found=gap, inherited=True))  # fmt: skip
        return upto


class Bounds(Scanned):
    id, rule, table, entity, legacy_table, twin = "R-44", "R-44", "vouchers", "voucher", "vouchers", True
    title = _("Bounds of balances")
    how = _(
        "The balance of a voucher is not below nothing and not above its face value, which is more than nothing."
    )
    WRONG = "(remaining_balance < 0 OR remaining_balance > quantity OR quantity <= 0)"

    def violations(self, read: Reading, after: int, upto: int) -> Iterator[tuple[int, str, str, Any]]:
        sql = f"SELECT id, quantity, remaining_balance FROM vouchers WHERE id > %s AND id <= %s AND {self.WRONG}"
        for row in read.v5(sql, [after, upto]):
            yield (
                row.id,
                "remaining_balance",
                sentence("of %(sum)s", sum=str(cents(row.quantity))),
                cents(row.remaining_balance),
            )

    def legacy_violations(
        self, read: Reading, ids: Iterable[int] | None, after: int, upto: int
    ) -> Mapping[int, int | None]:
        sql = f"SELECT id, school_id FROM vouchers WHERE {self.WRONG} AND "
        if ids is None:
            rows = read.legacy(sql + "id > %s AND id <= %s", [after, upto])
        else:
            rows = read.within("legacy", sql + "id IN ({ids})", ids)
        return {row.id: row.school_id for row in rows}


SHARED = """
    SELECT v.id, v.school_id, v.code, v.remaining_balance FROM vouchers v JOIN (
        SELECT school_id, LOWER(TRIM(code)) AS c FROM vouchers GROUP BY school_id, LOWER(TRIM(code)) HAVING COUNT(*) > 1) d
    ON d.school_id = v.school_id AND d.c = LOWER(TRIM(v.code))"""


class Codes(Ranged):
    id, rule, table = "R-45", "R-45, M 4.22", "vouchers"
    title = _("Codes of vouchers")
    how = _(
        "Codes stand once per school, whatever their case; every code that legacy printed still leads to the same voucher. Of"
        " equal codes one keeps it, the others are listed with the number that was added."
    )

    def slice(self, read: Reading, after: int, upto: int, looked: Looked) -> None:
        keepers, taken = self._keepers(read), self._taken(read)
        there = {row.legacy_id: row for row in v5_vouchers(read, after, upto)}
        for row in vouchers(read, after, upto):
            if (target := there.get(row.id)) is None:
                continue
            looked.examined(row.school_id)
            printed, key = (row.code or "").strip(), (row.school_id, _same(row.code))
            kept = keepers.get(key, row.id) == row.id
            wanted = printed if kept else f"{printed}-"
            fits = (
                target.code == printed
                if kept
                else target.code.startswith(wanted) and target.code[len(wanted) :].isdigit()
            )
            repeated = (target.school_id, _same(target.code)) in taken
            if not fits or repeated or not kept:
                looked.find(Seen(Kind.DIFFERS, row.school_id, "voucher", "vouchers", row.id, "", "vouchers", target.id, "code",
                                 printed, target.code, _why(fits, repeated), fits and not repeated))  # fmt: skip

    @staticmethod
    def _keepers(read: Reading) -> dict[tuple[int, str], int]:
        """Which voucher keeps a code that its school used more than once: with money left, then the older one."""
        if "keepers" not in read.memory:
            rows = sorted(read.legacy(SHARED), key=lambda row: (not cents(row.remaining_balance) > 0, row.id))
            found: dict[tuple[int, str], int] = {}
            for row in rows:
                found.setdefault((row.school_id, _same(row.code)), row.id)
            read.memory["keepers"] = found
        keepers: dict[tuple[int, str], int] = read.memory["keepers"]
        return keepers

    @staticmethod
    def _taken(read: Reading) -> set[tuple[int, str]]:
        """Codes that several V5 vouchers of a school share."""
        if "taken" not in read.memory:
            seen = Counter((row.school_id, _same(row.code)) for row in read.v5(SHARED))
            read.memory["taken"] = {key for key, number in seen.items() if number > 1}
        found: set[tuple[int, str]] = read.memory["taken"]
        return found


def _why(fits: bool, repeated: bool) -> str:
    if repeated:
        return sentence("stands twice")
    return sentence("a number was added") if fits else sentence("another code")


def _same(code: Any) -> str:
    return str(code or "").strip().upper()


class OwnerBelongs(Scanned):
    id, rule, table, entity = "R-48", "R-48, M 4.22", "vouchers", "voucher"
    title = _("Owners of vouchers are clients of the school")
    how = _("The owner of each voucher has a membership at the school of the voucher.")

    def violations(self, read: Reading, after: int, upto: int) -> Iterator[tuple[int, str, str, Any]]:
        sql = """
            SELECT v.id, v.client_id FROM vouchers v WHERE v.id > %s AND v.id <= %s AND NOT EXISTS (
                SELECT 1 FROM clients_schools k WHERE k.client_id = v.client_id AND k.school_id + 0 = v.school_id)"""
        for row in read.v5(sql, [after, upto]):
            yield row.id, "client_id", sentence("the owner is no client of the school"), row.client_id


OWED = """
    SELECT school_id, SUM(remaining_balance) AS owed,
        SUM(CASE WHEN remaining_balance > 0 THEN 1 ELSE 0 END) AS held
    FROM vouchers WHERE deleted_at IS NULL GROUP BY school_id"""
V5_OWED = """
    SELECT m.legacy_id AS school_id, SUM(v.remaining_balance) AS owed,
        SUM(CASE WHEN v.remaining_balance > 0 THEN 1 ELSE 0 END) AS held
    FROM vouchers v JOIN legacy_id_mappings m ON m.entity_type = 'school' AND m.v5_id = v.school_id
    WHERE v.deleted_at IS NULL AND EXISTS (SELECT 1 FROM legacy_id_mappings o WHERE o.v5_table = 'vouchers'
        AND o.v5_id = v.id AND o.entity_type = 'voucher') GROUP BY m.legacy_id"""
LEFT_OUT = "SELECT school_id, remaining_balance FROM vouchers WHERE deleted_at IS NULL AND id IN ({ids})"
Figures = dict[tuple[Any, ...], Decimal]


class Liability(Summed):
    id, rule, groups = "R-49", "R-49", ("school", "figure")
    title = _("What the schools owe for vouchers")
    how = _(
        "The sum of the balances of live vouchers and the number of those with a balance, by school, on both sides."
    )

    def legacy_figures(self, read: Reading) -> Figures:
        return self._figures(read.legacy(OWED))

    def target_figures(self, read: Reading) -> Figures:
        return self._figures(read.v5(V5_OWED))

    @staticmethod
    def _figures(rows: list[Any]) -> Figures:
        owed = {(row.school_id, "remaining_balance"): cents(row.owed) for row in rows}
        return owed | {(row.school_id, "vouchers"): Decimal(row.held or 0) for row in rows}

    def explained_figures(self, read: Reading) -> Figures:
        found: Figures = defaultdict(Decimal)
        for row in read.within("legacy", LEFT_OUT, (one.legacy_id for one in read.left_out("voucher"))):
            found[(row.school_id, "remaining_balance")] += cents(row.remaining_balance)
            found[(row.school_id, "vouchers")] += cents(row.remaining_balance) > 0
        return found


CHECKS = (EachVoucher, Balance, Bounds, Codes, OwnerBelongs, Liability)
