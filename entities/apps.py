from functools import cache
from typing import Any

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EntitiesConfig(AppConfig):
    """Tells the record, which may not import this application, what it needs to know of the work."""

    name = "entities"
    verbose_name = _("Legacy and V5 data")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from entities import checks, registry  # noqa: F401  (importing registers the checks)
        from entities.engine.lineage import LegacyArchive, LegacyIdMapping, RollbackArchive
        from tracking import labels, work

        labels.name((LegacyIdMapping, LegacyArchive, RollbackArchive))
        work.provide(
            schools=_schools, migrations=registry.of_phase, entity_types=_entity_types, checks=_checks
        )


def _schools() -> dict[int, str]:
    from entities.operations import figures

    return figures.schools()


@cache
def _entity_types() -> dict[str, set[int]]:
    from entities import registry
    from entities.engine import outcomes

    found: dict[str, set[int]] = {}
    for migration in registry.everything():
        for name in outcomes.entity_types(migration):
            found.setdefault(name, set()).add(migration.phase)
    return found


@cache
def _checks() -> tuple[Any, ...]:
    from entities.reconciliation import registry
    from tracking.work import CheckFacts

    return tuple(
        CheckFacts(one.id, one.title, one.how, one.severity.value, one.when, one.phase, one.twin)
        for one in registry.everything()
    )
