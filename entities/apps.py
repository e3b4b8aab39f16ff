from django.apps import AppConfig


class EntitiesConfig(AppConfig):
    """Tells the record, which may not import this application, what it needs to know of the work."""

    name = "entities"
    verbose_name = "Legacy and V5 data"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from entities import registry
        from tracking import work

        work.provide(schools=_schools, migrations=registry.of_phase)


def _schools() -> dict[int, str]:
    from entities.operations import figures

    return figures.schools()
