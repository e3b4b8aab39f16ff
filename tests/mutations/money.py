"""Planted defects."""

from __future__ import annotations

from tests.mutations import Mutation

MUTATIONS: tuple[Mutation, ...] = ()
