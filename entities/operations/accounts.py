"""Accounts for trying the panel: one per group, with passwords made at random and shown once."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from django.contrib.auth.models import Group, User

PEOPLE = {
    "manager": "project managers",
    "support": "support",
    "engineer": "engineers",
    "auditor": "auditors",
}


@dataclass(frozen=True)
class Account:
    name: str
    group: str
    password: str


def make() -> list[Account]:
    """One account per group; an account that is there gets a new password."""
    made = []
    for name, group in PEOPLE.items():
        account = Account(name, group, secrets.token_urlsafe(9))
        user, _ = User.objects.get_or_create(username=name)
        user.is_staff = user.is_active = True
        user.set_password(account.password)
        user.save()
        user.groups.set([Group.objects.get(name=group)])
        made.append(account)
    return made
