"""Creating a wave."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from tracking import plan, work
from tracking.actions.base import Action, ActionRefused
from tracking.models import Wave
from tracking.states import WaveKind


class CreateWave(Action):
    """A new wave with its six phases. Nothing moves until a phase is started.

    `schools` are legacy ids, empty for all; they are checked against legacy when it answers.
    """

    name, permission, subject_type = "create wave", "tracking.create_wave", "wave"

    def __init__(self, wave_name: str, *, kind: str = WaveKind.REHEARSAL, schools: Sequence[int] = (),
                 cutover_at: datetime | None = None, **who: Any) -> None:  # fmt: skip
        super().__init__(None, **who)
        self.wave_name, self.kind, self.cutover_at = " ".join(wave_name.split()), kind, cutover_at
        self.schools = sorted(set(schools))

    def effect(self) -> str:
        kind = WaveKind(self.kind).label
        schools = len(self.schools) or _("all")
        return _("A new wave “%(name)s” of %(n)s schools. %(kind)s") % {
            "name": self.wave_name,
            "n": schools,
            "kind": kind,
        }

    def check(self) -> None:
        if not self.wave_name or len(self.wave_name) > 100:
            raise ActionRefused(_("A wave has a name of 1 to 100 letters."))
        if self.kind not in WaveKind.values:
            raise ActionRefused(_("A wave is a rehearsal or production."))
        if Wave.objects.filter(name__iexact=self.wave_name).exists():
            raise ActionRefused(
                _("There is a wave “%(name)s” already: choose another name.") % {"name": self.wave_name}
            )
        known = work.schools()
        if known and (unknown := [key for key in self.schools if key not in known]):
            raise ActionRefused(_("Legacy has no school %(ids)s.") % {"ids": ", ".join(map(str, unknown))})

    def before(self) -> dict[str, Any]:
        return {}

    def execute(self, now: datetime) -> dict[str, Any]:
        with transaction.atomic(using="default"):
            wave = plan.get_or_create_wave(
                self.wave_name, now, kind=self.kind, schools=self.schools, cutover_at=self.cutover_at
            )
            if self.actor is not None:
                Wave.objects.filter(pk=wave.pk).update(created_by=self.actor)
        self.subject = wave
        return {
            "name": wave.name,
            "kind": wave.kind,
            "schools": wave.schools,
            "cut-over": str(wave.cutover_at or ""),
        }
