"""Addresses of the lists and pages behind the numbers."""

from __future__ import annotations

from typing import Any

from django.db.models import Model
from django.urls import NoReverseMatch, reverse
from django.utils.http import urlencode


def listing(model: str, **filters: Any) -> str:
    """The list of `app.model` records, filtered."""
    address = reverse(f"admin:{model.replace('.', '_')}_changelist")
    return f"{address}?{urlencode(filters)}" if filters else address


def page(obj: Model) -> str:
    """The record's own page."""
    return reverse(f"admin:{obj._meta.app_label}_{obj._meta.model_name}_change", args=[obj.pk])


def first_of(*names: str) -> str:
    """The first of these named addresses that exists; empty when none does."""
    for name in names:
        try:
            return reverse(name)
        except NoReverseMatch:
            continue
    return ""
