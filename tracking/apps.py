from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class TrackingConfig(AppConfig):
    """Names columns for readers; keeps the groups of people in step with the permissions after every `migrate`."""

    name = "tracking"
    verbose_name = _("Migration record")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.contrib.auth.models import User
        from django_celery_results.models import TaskResult

        from tracking import backups, labels, risks  # noqa: F401  (importing backups and risks registers their alerts)
        from tracking.gates import golive  # noqa: F401  (importing it registers its gates)
        from tracking.people import sync

        labels.name((*self.get_models(), TaskResult, User))
        post_migrate.connect(sync, dispatch_uid="tracking.people")
