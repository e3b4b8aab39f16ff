"""Which legacy rows make one account, and which of them decides about it (4.10, Q-05, Q-16)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from entities.engine import normalise
from entities.engine.environment import Env
from entities.engine.errors import BadValue
from entities.users.people import CHAT, KINDS, SUPERADMIN, deleted_at, moment_of
from tracking.sentences import sentence

# A bcrypt hash that no password has: V5's log-in compares it without complaint and refuses.
UNUSABLE = "$2y$10$" + "." * 53

_BCRYPT = re.compile(r"\$2y\$[0-9]{2}\$[./A-Za-z0-9]{53}")

# superadmin > admin > viewer > monitor > client; a super-administrator whom nobody approved gives no power
# to an account that somebody else uses, so he comes last.
_STRENGTH = {4: 5, 1: 4, 5: 3, 3: 2, 2: 1}
_UNAPPROVED = 0


def password(value: Any) -> str:
    """bcrypt hash as it is; every other kind becomes a hash that no password has"""
    if isinstance(value, str) and _BCRYPT.fullmatch(value):
        return value
    raise BadValue("PASSWORD_UNUSABLE", sentence("The stored password is no bcrypt hash."))


def is_known_kind(row: Any) -> bool:
    return row.user_type in KINDS or row.user_type == CHAT


def is_approved(row: Any, env: Env) -> bool:
    """Whether somebody ticked this super-administrator (Q-05)."""
    return row.user_type == SUPERADMIN and row.id in env.choices.of("user_types").superadmins


def is_unapproved(row: Any, env: Env) -> bool:
    return row.user_type == SUPERADMIN and not is_approved(row, env)


def kind_of(row: Any, env: Env) -> str:
    """The account's type in V5's notation (Q-05); a super-administrator without approval is a viewer."""
    kind = 5 if is_unapproved(row, env) else row.user_type
    return KINDS[kind] if env.choices.of("user_types").notation == "names" else str(kind)


def winner(rows: Sequence[Any], env: Env) -> Any:
    """The row that decides: strongest role, then alive, then latest change, then lowest id.

    An account that V5 has already keeps its row when the stronger one is new, so that its id stays.
    """
    best = min(rows, key=lambda row: row.id)
    for row in sorted(rows, key=lambda row: row.id):
        if _rank(row, env) > _rank(best, env):
            best = row
    owners = [row for row in rows if owns_account(row, env)]
    if owners and ("user", best.id, "") not in env.existing:
        return owners[0]
    if owners:
        _inherit(owners[0], best, env)
    return best


def _rank(row: Any, env: Env) -> tuple[int, bool, str]:
    strength = _UNAPPROVED if is_unapproved(row, env) else _STRENGTH[row.user_type]
    return strength, deleted_at(row, env)[0] is None, moment_of(row.updated_at) or ""


def owns_account(row: Any, env: Env) -> bool:
    """Whether an earlier run made the row's V5 account."""
    entry = env.existing.get(("user", row.id, ""))
    return entry is not None and entry.disposition == "migrated" and entry.v5_id is not None


def _inherit(owner: Any, heir: Any, env: Env) -> None:
    """The account changes hands: the new winner goes on from what the old one wrote."""
    if owner.id != heir.id:
        old = env.existing["user", owner.id, ""]
        mine = env.existing["user", heir.id, ""]
        env.existing["user", heir.id, ""] = mine._replace(v5_id=old.v5_id, target_hash=old.target_hash)


def deletion(rows: Sequence[Any], best: Any, env: Env) -> str | None:
    """When the account was deleted; None as long as any of its rows is alive."""
    found = {row.id: deleted_at(row, env)[0] for row in rows}
    return None if None in found.values() else found[best.id]


def same_person(one: Any, other: Any) -> bool:
    """Equal names, in whatever order, or the same date of birth."""
    if _birth(one) is not None and _birth(one) == _birth(other):
        return True
    return _names(one) == _names(other) and any(_names(one))


def _names(row: Any) -> list[str]:
    return sorted((normalise.normal_key(row.first_name), normalise.normal_key(row.last_name)))


def _birth(row: Any) -> str | None:
    try:
        day = normalise.date(row.birth_date)
    except BadValue:
        return None
    return None if day == normalise.BIRTH_DATE_SENTINEL else day
