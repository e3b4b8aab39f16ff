"""Measurements of how fast legacy and V5 answer: long work of its own kind."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tracking.models.sweep import Sweep


class Measurements(models.Manager["Measurement"]):
    def get_queryset(self) -> Any:
        return super().get_queryset().filter(kind=Measurement.KIND)


class Measurement(Sweep):
    """One measurement: `params` names scenarios, share of the strategy's users, seconds and pause."""

    KIND = "performance"
    objects = Measurements()

    class Meta:
        proxy = True
        ordering = ["-id"]
        verbose_name = _("performance measurement")
        verbose_name_plural = _("performance measurements")
        permissions = [("measure_performance", _("Measure the performance of both databases"))]

    def __str__(self) -> str:
        return gettext("measurement %(number)s") % {"number": self.pk}
