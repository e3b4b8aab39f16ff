"""Waves, phases and the runs that a phase consists of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from tracking.choices import Choices
from tracking.models import ChoiceValue, Phase, Run, Wave
from tracking.models.wave import PHASES
from tracking.states import ENDED, WaveKind


def get_or_create_wave(name: str, now: datetime, *, kind: str = WaveKind.REHEARSAL, schools: Sequence[int] = (),
                       cutover_at: datetime | None = None) -> Wave:  # fmt: skip
    """The wave of that name, made with its six phases when it is new."""
    wave, created = Wave.objects.get_or_create(
        name=name,
        defaults={"kind": kind, "schools": sorted(schools), "cutover_at": cutover_at, "created_at": now},
    )
    if created:
        Phase.objects.bulk_create(Phase(wave=wave, number=number) for number in PHASES)
    return wave


def choices_of(wave: Wave) -> Choices:
    """The wave's operator choices: defaults, overlaid with what was decided."""
    values: dict[str, dict[int | None, object]] = {}
    for row in ChoiceValue.objects.filter(wave=wave):
        values.setdefault(row.key, {})[row.school_id or None] = row.value
    return Choices.defaults().with_values(values)


def plan_runs(wave: Wave, number: int, names: Sequence[str], now: datetime, *, dry_run: bool = False,
              workers: int = 1, metadata: dict[str, object] | None = None) -> list[Run]:  # fmt: skip
    """One pending run per migration of the phase, in dependency order."""
    phase = wave.phases.get(number=number)
    size = choices_of(wave).of("batch").size
    with transaction.atomic(using="default"):
        return [
            Run.objects.create(
                phase=phase,
                entity_type=name,
                position=position,
                dry_run=dry_run,
                workers=workers,
                batch_size=size,
                size_reason="Q-45",
                metadata=dict(metadata or {}),
                created_at=now,
                updated_at=now,
            )  # fmt: skip
            for position, name in enumerate(names)
        ]


def unfinished(wave: Wave) -> list[Run]:
    """Runs of the wave that are neither complete nor cancelled, in the order in which they are due."""
    runs = Run.objects.filter(phase__wave=wave).exclude(status__in=ENDED).select_related("phase")
    return sorted(runs, key=lambda run: (run.phase.number, run.position, run.pk))
