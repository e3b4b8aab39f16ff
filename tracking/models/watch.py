"""What is watched: workers that report in, alerts that somebody should see, backups that were recorded."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from tracking.models.run import Run
from tracking.models.undertaking import Undertaking
from tracking.models.wave import Wave
from tracking.sentences import Told


class WorkerSeen(models.Model):
    """A worker process and its last sign of life; memory in bytes, CPU in per cent of one core."""

    name = models.CharField(max_length=100, unique=True)
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField(db_index=True)
    run_id = models.BigIntegerField(null=True)
    batch_id = models.BigIntegerField(null=True)
    batches = models.PositiveIntegerField(default=0)
    memory = models.PositiveBigIntegerField(default=0)
    cpu = models.FloatField(default=0)

    class Meta:
        ordering = ["name"]
        verbose_name = _("worker")
        verbose_name_plural = _("workers")

    def __str__(self) -> str:
        return self.name


class Alert(models.Model):
    """A condition that a person should look at: opened once, closed when it is gone.

    `taken_by` is who looks after it; it stays open until the condition is gone.
    """

    wave = models.ForeignKey(Wave, models.CASCADE, null=True, related_name="alerts")
    run = models.ForeignKey(Run, models.SET_NULL, null=True, related_name="alerts")
    code = models.CharField(max_length=40)
    level = models.CharField(max_length=8, default="warning")
    message = models.CharField(max_length=500)
    message_facts = models.JSONField(null=True, editable=False)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, db_index=True)
    taken_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    told_message = Told("message")

    class Meta:
        ordering = ["-opened_at"]
        verbose_name = _("alert")
        verbose_name_plural = _("alerts")
        permissions = [("acknowledge_alert", _("Take an alert"))]

    def __str__(self) -> str:
        return self.message


class BackupRecord(Undertaking):
    """A backup: where it lies, its size in bytes and its checksum (SHA-256 where the panel took it).

    Without a `method` a person vouches for it and the panel never looked at it. With one, `taken_at` is the moment
    that it shows, `figures` are rows and content hash of each table at that moment, `server` what the server said of
    itself: version, place in the binary log, triggers and routines. `wave` None: it serves every wave.
    """

    wave = models.ForeignKey(Wave, models.CASCADE, null=True, blank=True, related_name="backups")
    database = models.CharField(
        max_length=10, choices=[("v5", "V5"), ("legacy", "legacy"), ("default", "panel")]
    )
    location = models.CharField(max_length=500)
    size = models.PositiveBigIntegerField()
    checksum = models.CharField(max_length=128)
    taken_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True)
    recorded_at = models.DateTimeField()
    state = models.CharField(
        max_length=8, choices=Undertaking.State, default=Undertaking.State.DONE, db_index=True
    )
    method = models.CharField(max_length=20, blank=True)
    figures = models.JSONField(default=dict, blank=True)
    server = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["-taken_at"]
        verbose_name = _("backup")
        verbose_name_plural = _("backups")
        permissions = [
            ("take_backup", _("Have a backup taken")),
            ("test_restore", _("Have a backup restored into a scratch database")),
        ]

    def __str__(self) -> str:
        return f"{self.database} {self.taken_at:%Y-%m-%d %H:%M}"


class RestoreTest(Undertaking):
    """A backup put into a scratch database and compared with what was noted when it was taken.

    `differences` lists every table that is not as noted; `passed` is None until it ended.
    """

    backup = models.ForeignKey(BackupRecord, models.CASCADE, related_name="tests")
    scratch = models.CharField(max_length=300, blank=True)
    passed = models.BooleanField(null=True)
    rows = models.PositiveBigIntegerField(default=0)
    differences = models.JSONField(default=list, blank=True)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("restore test")
        verbose_name_plural = _("restore tests")

    def __str__(self) -> str:
        return f"#{self.pk} {self.backup}"
