"""Vouchers: owners, codes, balances (4.22, 4.23)."""

from decimal import Decimal

import pytest

from entities.vouchers.legacy import LegacyVoucher
from entities.vouchers.migration import VoucherMigration
from tests.rows import environment, outcome, row, transformed, values, warnings


def voucher(**more):
    base = {
        "id": 5, "code": " 1234.5678.9012 ", "quantity": Decimal("100.00"), "remaining_balance": Decimal("40.00"),
        "payed": 1, "user_id": 7, "school_id": 2, "payrexx_reference": "Boukii Voucher #5",
        "payrexx_transaction": "eyJpdiI6", "created_at": "2024-01-02 10:00:00", "updated_at": "2024-01-03 10:00:00",
    }  # fmt: skip
    return row(LegacyVoucher, **base | more)


def move(one, choices=None, used="60.00", suffix="", stand_ins=None, **known):
    facts = {
        "used": {one.id: Decimal(used)},
        "suffix": {one.id: suffix} if suffix else {},
        "stand_ins": stand_ins or {},
    }
    env = environment(choices, facts=facts, **{"school": {2: 20}, "client": {7: 70}} | known)
    (entry,) = transformed(VoucherMigration(), env, one)
    return entry


def test_a_voucher_keeps_its_amounts_reference_and_times():
    written = values(move(voucher()))
    assert written["code"] == "1234.5678.9012"
    assert (written["quantity"], written["remaining_balance"]) == (Decimal("100.00"), Decimal("40.00"))
    assert (written["client_id"], written["school_id"], written["payed"], written["is_gift"]) == (
        70,
        20,
        1,
        0,
    )
    assert written["payrexx_reference"] == "Boukii Voucher #5"
    assert "payrexx_transaction" not in written
    assert (written["created_at"], written["old_id"]) == ("2024-01-02 10:00:00", 5)


@pytest.mark.parametrize(
    ("used", "balance", "flagged"),
    [
        ("60.00", "40.00", False),
        ("50.00", "40.00", True),
        ("0.00", "120.00", True),
        ("110.00", "-10.00", True),
    ],
)
def test_a_balance_that_does_not_add_up_is_flagged_and_kept(used, balance, flagged):
    entry = move(voucher(remaining_balance=Decimal(balance)), used=used)
    assert ("VOUCHER_BALANCE" in warnings(entry)) is flagged
    assert values(entry)["remaining_balance"] == Decimal(balance)


def test_an_unknown_owner_is_replaced_by_the_schools_stand_in():
    entry = move(voucher(user_id=99), stand_ins={2: 77})
    assert values(entry)["client_id"] == 77
    assert warnings(entry) == ["PLACEHOLDER_CLIENT"]


@pytest.mark.parametrize("choices", [None, {"Q-35": {None: "reject"}}])
def test_an_unknown_owner_without_stand_in_is_rejected(choices):
    stand_ins = {} if choices is None else {2: 77}
    (result,) = outcome([move(voucher(user_id=99), choices, stand_ins=stand_ins)])
    assert result == ("voucher", 5, "", "rejected", "CLIENT_UNKNOWN")


def test_a_voucher_without_money_and_owner_is_rejected():
    empty = voucher(user_id=99, quantity=Decimal("0.00"), remaining_balance=Decimal("0.00"))
    assert move(empty, used="0.00", stand_ins={2: 77}).reason == "CLIENT_UNKNOWN"


def test_an_unknown_school_rejects_the_voucher():
    assert outcome([move(voucher(school_id=3))])[0][3:] == ("rejected", "SCHOOL_UNKNOWN")


def test_a_code_used_twice_gets_a_number_and_is_listed():
    entry = move(voucher(), suffix="-2")
    assert values(entry)["code"] == "1234.5678.9012-2"
    assert warnings(entry) == ["CODE_SUFFIXED"]


def test_a_trashed_voucher_stays_trashed():
    assert values(move(voucher(deleted_at="2024-05-05 05:05:05")))["deleted_at"] == "2024-05-05 05:05:05"
