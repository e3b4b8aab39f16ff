"""The Celery application. Workers: `celery -A boukii_migration worker`; scheduler: `… beat`."""

from __future__ import annotations

import os
from logging.config import dictConfig
from pathlib import Path
from typing import Any

from celery import Celery
from celery.signals import setup_logging

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "boukii_migration.settings")

app = Celery("boukii_migration")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@app.on_after_configure.connect
def create_broker_folders(sender: Celery, **_: Any) -> None:
    """The filesystem transport fails on its first message when its folders are missing."""
    options = sender.conf.broker_transport_options or {}
    for name in ("data_folder_in", "processed_folder", "control_folder"):
        if name in options:
            Path(options[name]).mkdir(parents=True, exist_ok=True)


@setup_logging.connect
def log_like_the_panel(**_: Any) -> None:
    """Workers log the same redacted JSON lines as the web process; Celery's own set-up would replace them."""
    from django.conf import settings

    dictConfig(settings.LOGGING)
