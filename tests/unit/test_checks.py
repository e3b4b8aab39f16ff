"""Nothing starts with a migration that is declared wrongly, or with a legacy column that nobody decided about."""

import pytest

from entities import checks, registry
from entities.engine import coverage


def test_the_declarations_of_today_are_sound():
    assert checks.declarations(None) == []


def test_a_migration_that_cannot_be_imported_is_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(registry.MIGRATIONS, "ghosts", "entities.ghosts.migration.GhostMigration")
    (error,) = checks.declarations(None)
    assert error.id == "entities.E001"
    assert "entities.ghosts" in error.msg


def test_a_column_without_fate_is_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(coverage, "gaps", lambda: [coverage.Gap("users", "shoe_size")])
    (error,) = checks.declarations(None)
    assert (error.id, error.msg) == ("entities.E002", "users.shoe_size has no declared fate")
