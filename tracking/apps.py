from django.apps import AppConfig
from django.db.models.signals import post_migrate


class TrackingConfig(AppConfig):
    """Keeps the groups of people in step with the permissions after every `migrate`."""

    name = "tracking"
    verbose_name = "Migration record"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from tracking.people import sync

        post_migrate.connect(sync, dispatch_uid="tracking.people")
