"""The strategy's `migration_logs`: events worth keeping, without personal data or secrets."""

from __future__ import annotations

from django.db import models


class LogEntry(models.Model):
    """One structured log line of a run or batch, kept as long as the migration."""

    at = models.DateTimeField(db_index=True)
    level = models.CharField(max_length=8)
    event = models.CharField(max_length=200)
    run_id = models.BigIntegerField(null=True, db_index=True)
    batch_id = models.BigIntegerField(null=True, db_index=True)
    entity_type = models.CharField(max_length=64, blank=True)
    correlation_id = models.CharField(max_length=36, blank=True)
    data = models.JSONField(default=dict)

    class Meta:
        db_table = "migration_logs"
        ordering = ["-id"]
        verbose_name_plural = "log entries"

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.event}"
