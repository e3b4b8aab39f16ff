"""The Celery application. Workers: `celery -A boukii_migration worker`; scheduler: `… beat`."""

from __future__ import annotations

import os
from logging.config import dictConfig
from typing import Any

from celery import Celery
from celery.signals import setup_logging

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "boukii_migration.settings")

app = Celery("boukii_migration")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def log_like_the_panel(**_: Any) -> None:
    """Workers log the same redacted JSON lines as the web process; Celery's own set-up would replace them."""
    from django.conf import settings

    dictConfig(settings.LOGGING)
