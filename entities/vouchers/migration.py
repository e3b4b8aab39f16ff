"""Vouchers: credit that a client holds with a school (4.22). Their logs travel with the bookings."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import Any

from entities.engine.definition import Mapping, Migration
from entities.engine.environment import Env, Scope
from entities.engine.errors import BadValue
from entities.engine.extract import RowBatch
from entities.engine.fields import Const, Copy, Given, Parent
from entities.engine.normalise import code_key, flag, timestamp
from entities.engine.read import Reader
from entities.engine.values import Aggregate, Entry, Unit
from entities.vouchers.legacy import LegacyVoucher
from entities.vouchers.resolver import owner, stand_ins
from entities.vouchers.v5 import V5Voucher
from tracking.sentences import sentence


class VoucherMapping(Mapping):
    """4.22: balances as they stand; the history of each comes with the bookings' logs."""

    entity = "voucher"
    source, target = LegacyVoucher, V5Voucher

    code = Given("trimmed; a number is added to a code that the school used twice", uses=("code",))
    quantity = Copy()
    remaining_balance = Copy()
    payed = Given("as it is, or set when used up (Q-42)", uses=("payed",), rule="Q-42")
    client_id = Given(
        "V5 client of the owner, or the school's stand-in (Q-35)", uses=("user_id",), rule="Q-35"
    )
    school_id = Parent("school", missing="SCHOOL_UNKNOWN")
    payrexx_reference = Copy(rule="GR-18")
    is_gift = Const(0)
    created_at = Copy(convert=timestamp)
    updated_at = Copy(convert=timestamp)
    deleted_at = Copy(convert=timestamp)
    old_id = Copy("id")

    excluded = {"payrexx_transaction": "encrypted with the key of the legacy application (GR-17, Q-04)"}


class VoucherMigration(Migration):
    """Vouchers, trashed ones included."""

    name, title, phase, after = "vouchers", "Vouchers", 4, ("clients", "placeholder_clients")
    root, root_entity = LegacyVoucher, "voucher"
    mappings = (VoucherMapping,)
    fast = False  # equal codes and logs of other rows decide

    def scope_where(self, scope: Scope) -> str:
        return scope.where("t.school_id")

    def needs(self, batch: RowBatch) -> dict[str, set[int]]:
        return {"client": {row.user_id for row in batch.roots}}

    def facts(self, batch: RowBatch, read: Reader, env: Env) -> dict[str, Any]:
        ids = {row.id for row in batch.roots}
        used = read.legacy_sql(
            "SELECT voucher_id, SUM(amount) FROM vouchers_log WHERE deleted_at IS NULL"
            " AND voucher_id IN ({ids}) GROUP BY voucher_id",
            ids,
        )
        return {
            "used": {voucher: Decimal(str(total)).quantize(Decimal("0.01")) for voucher, total in used},
            "suffix": _suffixes(read),
            "stand_ins": stand_ins(read),
        }

    def transform(self, aggregate: Aggregate, env: Env, unit: Unit) -> None:
        row = aggregate.root
        try:
            money = row.quantity or row.remaining_balance or env.facts["used"].get(row.id)
            stand_in_of = env.facts["stand_ins"] if money else {}
            client, stood_in = owner(row.user_id, row.school_id, env, env.known["client"], stand_in_of)
        except BadValue as error:
            unit.reject("voucher", row, error.code, "user_id", error.message)
            return
        suffix = env.facts["suffix"].get(row.id, "")
        code = (row.code or "").strip() + suffix
        entry = unit.draft(
            VoucherMapping, row, {"code": code, "payed": self._payed(row, env), "client_id": client}
        )
        if entry.rejected:
            return
        if stood_in:
            entry.warn(
                "PLACEHOLDER_CLIENT",
                "user_id",
                sentence("the owner is unknown; the school's stand-in holds the voucher"),
            )
        if suffix:
            entry.warn("CODE_SUFFIXED", "code", sentence("another voucher of the school has the same code"))
        self._check_balance(row, env, entry)

    @staticmethod
    def _payed(row: Any, env: Env) -> int:
        if env.choices.of("voucher_payed", school=row.school_id) == "used_up":
            return int(row.remaining_balance == 0)
        return flag(row.payed)

    @staticmethod
    def _check_balance(row: Any, env: Env, entry: Entry) -> None:
        """4.23: the stored balance is customers' money; a difference is flagged, never repaired."""
        used = env.facts["used"].get(row.id, Decimal(0))
        within = 0 <= row.remaining_balance <= row.quantity
        if row.quantity - used != row.remaining_balance or not within:
            message = sentence(
                "face value %(quantity)s, used %(used)s, balance %(remaining_balance)s",
                quantity=row.quantity,
                used=used,
                remaining_balance=row.remaining_balance,
            )
            entry.warn("VOUCHER_BALANCE", "remaining_balance", message)


def _suffixes(read: Reader) -> dict[int, str]:
    """4.22: `-2`, `-3` … by voucher id, for codes that one school used more than once.

    The code stays with the voucher that has money left, then with the older one: customers hold printed codes.
    """
    rows = read.legacy_sql(
        "SELECT v.id, v.school_id, v.code, v.remaining_balance FROM vouchers v JOIN (SELECT school_id, UPPER(TRIM(code)) AS c"
        " FROM vouchers GROUP BY school_id, UPPER(TRIM(code)) HAVING COUNT(*) > 1) d"
        " ON d.school_id = v.school_id AND d.c = UPPER(TRIM(v.code))"
    )
    same: dict[tuple[int, str], list[tuple[bool, int]]] = defaultdict(list)
    for voucher, school, code, balance in rows:
        same[(school, code_key(code))].append((not balance > 0, voucher))
    return {
        voucher: f"-{number}"
        for vouchers in same.values()
        for number, (_, voucher) in enumerate(sorted(vouchers), start=1)
        if number > 1
    }
