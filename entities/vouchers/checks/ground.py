"""Vouchers and logs of one range of keys on both sides, read for the checks; nothing here asks the loader."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from entities.reconciliation.reading import Reading, money

NOTHING = Decimal("0.00")
VOUCHERS = """
    SELECT v.id, v.school_id, v.code, v.quantity, v.remaining_balance, v.payed, v.user_id, v.payrexx_reference,
        TEXT(v.deleted_at) AS deleted_at FROM vouchers v WHERE v.id > %s AND v.id <= %s AND {scope} ORDER BY v.id"""
V5_VOUCHERS = """
    SELECT m.legacy_id, m.school_id AS owner, v.id, v.school_id, v.code, v.quantity, v.remaining_balance, v.payed,
        v.client_id, v.payrexx_reference, TEXT(v.deleted_at) AS deleted_at
    FROM legacy_id_mappings m JOIN vouchers v ON v.id = m.v5_id
    WHERE m.entity_type = 'voucher' AND m.legacy_id > %s AND m.legacy_id <= %s AND {scope}"""
USED = """
    SELECT voucher_id AS id, SUM(amount) AS amount FROM vouchers_log
    WHERE deleted_at IS NULL AND voucher_id IN ({ids}) GROUP BY voucher_id"""


def cents(value: Any) -> Decimal:
    return money(value) or NOTHING


def vouchers(read: Reading, after: int, upto: int) -> list[Any]:
    return read.legacy(VOUCHERS.replace("{scope}", read.scoped("v.school_id")), [after, upto])


def v5_vouchers(read: Reading, after: int, upto: int) -> list[Any]:
    return read.v5(V5_VOUCHERS.replace("{scope}", read.scoped("m.school_id")), [after, upto])


def used(read: Reading, alias: str, ids: Iterable[int]) -> dict[int, Decimal]:
    """What live logs took from vouchers."""
    return {row.id: cents(row.amount) for row in read.within(alias, USED, ids)}


def stamp(value: Any) -> str | None:
    """A time as V5 keeps it: zeros are none (GR-10)."""
    return None if not value or str(value).startswith("0000") else str(value)[:19]


def back(read: Reading, table: str, entity: str, ids: Iterable[Any]) -> dict[int, int]:
    """Legacy ids behind V5 ids; 0 for what stands in for unknown people."""
    found = read.origins(table, {one for one in ids if one})
    return {
        key: one.legacy_id
        for key, some in found.items()
        for one in reversed(some)
        if one.entity_type == entity
    }
