"""Log-in: the account by its address, then its schools and, in V5, its seasons' roles."""

from __future__ import annotations

from typing import Any

from entities.performance.samples import by_id, each, pairs


def samples() -> list[tuple[str, str]]:
    """(address in legacy, address in V5) of accounts that were moved. Never stored, never shown."""
    found = pairs("user")
    old = by_id("legacy", "users", "email", [one for one, _ in found], "email <> '' AND deleted_at IS NULL")
    new = by_id("v5", "users", "email", [two for _, two in found], "email <> '' AND deleted_at IS NULL")
    return [(old[one][0], new[two][0]) for one, two in found if one in old and two in new]


def legacy(connection: Any, sample: tuple[str, str], user: int) -> None:
    [account] = each(
        connection,
        ("SELECT id, email, password, user_type, active FROM users WHERE email = %s AND deleted_at IS NULL LIMIT 1",
         [sample[0]]),
    )  # fmt: skip
    if account:
        each(
            connection,
            ("SELECT school_id, active_school FROM user_schools WHERE user_id = %s", [account[0][0]]),
        )


def v5(connection: Any, sample: tuple[str, str], user: int) -> None:
    [account] = each(
        connection,
        ("SELECT id, email, password, type, active FROM users WHERE email = %s AND deleted_at IS NULL LIMIT 1",
         [sample[1]]),
    )  # fmt: skip
    if account:
        number = account[0][0]
        each(
            connection,
            ("SELECT school_id FROM school_users WHERE user_id = %s AND deleted_at IS NULL", [number]),
            ("SELECT season_id, role FROM user_season_roles WHERE user_id = %s", [number]),
        )
