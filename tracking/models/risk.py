"""The risk register: what could go wrong, who looks after it, and what the monitors saw."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Risk(models.Model):
    """One risk of the whole migration, and what is done against it.

    `triggers` are the open alerts that speak for it, as plain JSON, kept by `tracking.risks.follow`: while there is
    one the state is "triggered". When the last one is gone it is open again: a person decides what it is then.
    """

    class State(models.TextChoices):
        OPEN = "open", _("Watched: nothing has happened")
        TRIGGERED = "triggered", _("It is happening: a check or a monitor saw it")
        MITIGATED = "mitigated", _("What is done against it was done and tried")
        ACCEPTED = "accepted", _("Known, and lived with")

    class Grade(models.TextChoices):
        LOW = "low", _("low")
        MEDIUM = "medium", _("medium")
        HIGH = "high", _("high")
        SEVERE = "severe", _("severe")

    key = models.SlugField(max_length=40, unique=True)
    title = models.CharField(max_length=200)
    description = models.TextField()
    likelihood = models.CharField(max_length=8, choices=Grade)
    impact = models.CharField(max_length=8, choices=Grade)
    mitigation = models.TextField()
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=9, choices=State, default=State.OPEN)
    triggers = models.JSONField(default=list)
    triggered_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("risk")
        verbose_name_plural = _("risks")
        permissions = [("keep_risk", _("Keep the risk register"))]

    def __str__(self) -> str:
        return self.title


class CriterionStatement(models.Model):
    """What a person says about a success criterion that no check can measure, with the evidence for it.

    The latest one of a wave and criterion counts; earlier ones stay.
    """

    wave = models.ForeignKey("tracking.Wave", models.CASCADE, related_name="statements")
    criterion = models.SlugField(max_length=40)
    is_met = models.BooleanField()
    evidence = models.CharField(max_length=1000)
    said_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    said_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("statement about a success criterion")
        verbose_name_plural = _("success criteria")
        permissions = [("state_criterion", _("Say that a success criterion is met"))]

    def __str__(self) -> str:
        return f"{self.criterion}: {self.evidence[:60]}"
