from django.apps import AppConfig
from django.core import checks


class WiringConfig(AppConfig):
    """Registers the system checks and makes the folder of the embedded databases."""

    name = "boukii_migration"
    label = "boukii_migration"

    def ready(self) -> None:
        from boukii_migration.checks import databases_are_different
        from boukii_migration.environment import VAR_DIR

        checks.register(databases_are_different)
        VAR_DIR.mkdir(exist_ok=True)
