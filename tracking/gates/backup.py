"""Is there a way back?"""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tracking.gates.base import Gate, Link, Reading
from tracking.models import BackupRecord, Phase
from tracking.undertakings import State

SOURCE_PHASE = 1


class BackupRecorded(Gate):
    """A backup of V5 is recorded that is not older than the end of the phase before; in phase 1 also one of legacy.

    One that is not complete, or that a restore test refused, is none.
    """

    id, phases, production_only = "backup", (1, 2, 3, 4, 6), True
    title = gettext_lazy("A backup is recorded")

    def read(self, phase: Phase, now: datetime) -> Reading:
        needed = ("v5", "legacy") if phase.number == SOURCE_PHASE else ("v5",)
        missing = {name: said for name in needed if (said := self._fault(phase, name))}
        links = (Link(_("the backups"), "tracking.backuprecord", {"state__exact": "done"}),)
        if missing:
            return Reading(" ".join(missing.values()), {"missing": sorted(missing)}, links)
        latest = self._latest(phase, "v5")
        assert latest is not None
        when = timezone.localtime(latest.taken_at)
        said = _("V5 backed up on %(when)s, %(size)s bytes.")
        return Reading(said % {"when": f"{when:%Y-%m-%d %H:%M}", "size": f"{latest.size:,}"}, {}, links)

    def _latest(self, phase: Phase, database: str) -> BackupRecord | None:
        of_wave = Q(wave=phase.wave_id) | Q(wave=None)
        complete = BackupRecord.objects.filter(of_wave, database=database, state=State.DONE)
        return complete.exclude(tests__passed=False).order_by("-taken_at").first()

    def _fault(self, phase: Phase, database: str) -> str:
        latest = self._latest(phase, database)
        if latest is None:
            return _("No backup of %(name)s is recorded.") % {"name": database}
        before = Phase.objects.filter(wave=phase.wave_id, number=phase.number - 1).first()
        if before is not None and before.finished_at and latest.taken_at < before.finished_at:
            said = _("The latest backup of %(name)s is older than the end of phase %(number)s.")
            return said % {"name": database, "number": before.number}
        return ""
