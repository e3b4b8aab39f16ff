"""What to do first, as long as nothing has been moved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from tracking.dashboard import links
from tracking.models import PreflightReport, Run, Wave
from tracking.workers import seats


@dataclass(frozen=True)
class FirstStep:
    """One thing to do; `done` None = the panel cannot see whether it was done."""

    title: Any
    says: Any
    command: str = ""
    href: str = ""
    done: bool | None = None


def first_steps(now: datetime, person: Any) -> list[FirstStep]:
    """In the order in which they are done; four statements."""
    report = PreflightReport.objects.order_by("-id").values_list("passed", flat=True).first()
    wave = Wave.objects.exists()
    creating = ("admin:tracking_wave_create",) if person.has_perm("tracking.create_wave") else ()
    return [
        FirstStep(_("Prepare V5"), _("Adds the id map, the archive and a few columns; shows its plan first."),
                  "manage.py prepare_v5 --plan", done=True if report else None),
        FirstStep(_("Check both databases"), _("A pre-flight says what stands in the way, before anything is moved."),
                  "manage.py preflight", links.listing("tracking.preflightreport"), bool(report)),
        FirstStep(_("Create a wave"), _("Which schools move together, as a rehearsal or for real."), "",
                  links.first_of(*creating, "admin:tracking_wave_changelist"),
                  wave),
        FirstStep(_("Look at the choices"), _("Questions that the data cannot answer; each has a default."), "",
                  links.listing("tracking.choicevalue")),
        FirstStep(_("Start workers"), _("They move the records; start as many as the databases can bear."),
                  "celery -A boukii_migration worker", links.listing("tracking.workerseen"),
                  any(seat.is_live for seat in seats(now))),
        FirstStep(_("Start the first phase"), _("Begin with a dry run: it forecasts every outcome and writes nothing."),
                  "manage.py run_phase 2 --wave NAME --dry-run", links.listing("tracking.phase"),
                  Run.objects.filter(started_at__isnull=False).exists()),
    ]  # fmt: skip
