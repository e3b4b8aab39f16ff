"""What the pre-flight declares: unique ids, documented checks, and grants that are read correctly."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.apps import apps

from entities.preflight import servers
from entities.preflight.checks import ALL
from entities.preflight.relations import RELATIONS
from entities.preflight.servers.mysql import _too_much

README = (Path(servers.__file__).parents[1] / "README.md").read_text(encoding="utf-8")


def test_ids_are_unique_and_documented_with_their_severity() -> None:
    assert len({check.id for check in ALL}) == len(ALL)
    for check in ALL:
        assert f"| `{check.id}` | {check.severity.value} | {check.title}" in README


def test_every_relation_exists_in_the_models() -> None:
    columns: dict[str, set[str]] = {
        model._meta.db_table: {field.column for field in model._meta.concrete_fields}
        for model in apps.get_app_config("entities").get_models()
        if getattr(model, "database", "") == "legacy"
    }
    assert [
        relation
        for relation in RELATIONS
        if relation[1] not in columns.get(relation[0], set()) or relation[2] not in columns
    ] == []
    assert len(set(RELATIONS)) == len(RELATIONS)


@pytest.mark.parametrize(
    ("grant", "found"),
    [
        ("GRANT USAGE ON *.* TO `r`@`%` IDENTIFIED BY PASSWORD '*0123456789'", []),
        ("GRANT SELECT ON `legacy`.* TO `r`@`%`", []),
        ("GRANT SELECT, SHOW VIEW ON `legacy`.* TO `r`@`%`", []),
        ("GRANT SELECT (id, name), UPDATE (name) ON `legacy`.`users` TO `r`@`%`", ["UPDATE on legacy.users"]),
        (
            "GRANT SELECT, INSERT, DELETE ON `legacy`.* TO `r`@`%`",
            ["DELETE on legacy.*", "INSERT on legacy.*"],
        ),
        ("GRANT ALL PRIVILEGES ON *.* TO `r`@`%` WITH GRANT OPTION", ["ALL PRIVILEGES on *.*"]),
        ("GRANT ALL PRIVILEGES ON `v5`.* TO `r`@`%`", []),
        ("GRANT UPDATE ON `leg%`.* TO `r`@`%`", ["UPDATE on leg%.*"]),
        (r"GRANT UPDATE ON `leg\_acy`.* TO `r`@`%`", []),
        ("GRANT `writers`@`%` TO `r`@`%`", ["role writers@%, whose privileges are not listed"]),
    ],
)
def test_grants_tell_what_an_account_may_write(grant: str, found: list[str]) -> None:
    said: Any = list(_too_much([grant], "legacy"))
    assert said == found
