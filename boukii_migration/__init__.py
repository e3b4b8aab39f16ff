"""Wiring only: settings, queue, routers, urls, system checks. No behaviour of the migration lives here."""

from boukii_migration.celery import app as celery_app

__all__ = ["celery_app"]
