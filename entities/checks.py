"""Start-up checks of the declarations: nothing starts with a migration that is declared wrongly."""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage, Error, register

from entities.engine.errors import WrongDeclaration


@register()
def declarations(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Every migration of the registry can be imported, and every legacy column has a declared fate (R-08)."""
    from entities import registry
    from entities.engine import coverage

    try:
        registry.everything()
        gaps = coverage.gaps()
    except (ImportError, AttributeError, WrongDeclaration) as error:
        hint = "correct the declaration, or its line in entities/registry.py"
        return [Error(f"a migration is declared wrongly: {error}", hint=hint, id="entities.E001")]
    return [
        Error(
            f"{gap.table}.{gap.column} has no declared fate",
            hint="map it, or name it under inputs, kept or excluded with a reason",
            id="entities.E002",
        )
        for gap in gaps
    ]
