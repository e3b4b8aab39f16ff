"""What was put back into the queue, and what came of it; how the size of a run's batches changed."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tracking.models.run import Run
from tracking.sentences import Told


class Requeue(models.Model):
    """One request to do batches or records again.

    `batches` holds [id, error before]; `faults` the open errors of the records before, as
    [entity, legacy id, root entity, root id, code, field, level], or null when they were too many to be compared.
    `outcome` is what `tracking.requeues` found once all batches had ended.
    """

    run = models.ForeignKey(Run, models.CASCADE, related_name="requeues")
    action = models.CharField(max_length=64)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField()
    reason = models.CharField(max_length=1000, blank=True)
    records = models.PositiveBigIntegerField(default=0)
    batches = models.JSONField(default=list)
    faults = models.JSONField(null=True)
    ended_at = models.DateTimeField(null=True, db_index=True)
    outcome = models.JSONField(null=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("re-queue")
        verbose_name_plural = _("re-queues")

    def __str__(self) -> str:
        return gettext("re-queue %(n)s of run %(run)s") % {"n": self.pk, "run": self.run_id}


class SizeChange(models.Model):
    """The batch size of a run became another one, and why."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="size_changes")
    at = models.DateTimeField()
    before = models.PositiveIntegerField()
    after = models.PositiveIntegerField()
    reason = models.CharField(max_length=200)
    reason_facts = models.JSONField(null=True, editable=False)
    told_reason = Told("reason")

    class Meta:
        ordering = ["-id"]
        verbose_name = _("change of size")
        verbose_name_plural = _("changes of size")

    def __str__(self) -> str:
        return f"{self.before} → {self.after}"
