"""Can people get in: passwords in a form that V5 can check, accounts that are found, a way in for every school."""

from __future__ import annotations

from typing import Any

from entities.recovery.paths import fetch, first
from tracking.models import ValidationResult
from tracking.sentences import sentence

Result = ValidationResult.Result
Said = tuple[str, str, dict[str, Any]]
SHOWN = 20
ACTIVE = "active = 1 AND deleted_at IS NULL"
HASHED = "password LIKE '$2_$__$%%' AND LENGTH(password) = 60"


def hashes_are_hashes() -> Said:
    """Every active account has a bcrypt hash: V5 can check no other. No hash leaves the database."""
    everybody = int(first(f"SELECT COUNT(*) FROM users WHERE {ACTIVE}"))
    if not everybody:
        return Result.NOTHING, sentence("V5 has no active account"), {}
    wrong = fetch(f"SELECT id FROM users WHERE {ACTIVE} AND NOT ({HASHED}) ORDER BY id LIMIT {SHOWN}")
    if wrong:
        number = int(first(f"SELECT COUNT(*) FROM users WHERE {ACTIVE} AND NOT ({HASHED})"))
        told = sentence(
            "%(n)s of %(all)s active accounts have no password that V5 can check", n=number, all=everybody
        )
        return Result.FAIL, told, {"accounts": number, "users": [row[0] for row in wrong]}
    return Result.PASS, sentence("%(n)s active accounts can be checked", n=everybody), {"accounts": everybody}


def accounts_are_found() -> Said:
    """Accounts are found by their address, and by it alone."""
    some = fetch(
        f"SELECT id, email FROM users WHERE {ACTIVE} AND email IS NOT NULL ORDER BY id DESC LIMIT {SHOWN}"
    )
    if not some:
        return Result.NOTHING, sentence("V5 has no active account"), {}
    lost = [
        key for key, email in some
        if [row[0] for row in fetch(f"SELECT id FROM users WHERE email = %s AND {ACTIVE}", [email])] != [key]
    ]  # fmt: skip
    if lost:
        told = sentence(
            "%(n)s of %(all)s accounts are not found by their address alone", n=len(lost), all=len(some)
        )
        return Result.WARNING, told, {"users": lost}
    return (
        Result.PASS,
        sentence("%(n)s accounts were found by their address", n=len(some)),
        {"accounts": len(some)},
    )


def schools_have_people() -> Said:
    """Every school has somebody who may work in it."""
    schools = int(first("SELECT COUNT(*) FROM schools"))
    if not schools:
        return Result.NOTHING, sentence("V5 has no school"), {}
    alone = fetch(
        "SELECT s.id FROM schools s WHERE NOT EXISTS (SELECT 1 FROM school_users m JOIN users u ON u.id = m.user_id "
        f"WHERE m.school_id = s.id AND m.deleted_at IS NULL AND u.active = 1 AND u.deleted_at IS NULL) LIMIT {SHOWN}"
    )
    if alone:
        told = sentence("%(n)s schools have nobody who can log in", n=len(alone))
        return Result.WARNING, told, {"schools": [row[0] for row in alone]}
    return (
        Result.PASS,
        sentence("%(n)s schools have somebody who can log in", n=schools),
        {"schools": schools},
    )


CHECKS = (
    ("RV-21", "passwords can be checked", hashes_are_hashes),
    ("RV-22", "accounts are found", accounts_are_found),
    ("RV-23", "every school has somebody", schools_have_people),
)
