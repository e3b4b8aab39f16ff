"""A measurement as long work: one part per scenario, one after the other; one window of load per step.

The sides take turns (legacy, V5, V5, legacy, …), so that neither has the warmer caches or the quieter hour. A window
that a dying worker took with it is measured again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import DatabaseError, connections
from django.utils import timezone

from entities.engine import runner
from entities.performance import load, scenarios
from entities.performance.histogram import Histogram
from entities.performance.scenarios import booking_creation
from entities.performance.verdict import SIDES, Verdict, judge
from tracking import performance, sentences
from tracking.dashboard import system
from tracking.models import Part, Sweep, ValidationResult
from tracking.performance import Asked
from tracking.sweeps import PartPlan, Step

WINDOW = 5  # seconds of load in one step
SPARE_CONNECTIONS = 5
SEVERITY, MOMENT = "B", "F"
TURNS = ("legacy", "v5", "v5", "legacy")


class Measuring:
    """Plans a part per scenario, measures a window at a time, and writes one validation result per scenario."""

    def plan(self, sweep: Sweep) -> Sequence[PartPlan]:
        asked = [Asked.of(name, sweep.params) for name in sweep.params["scenarios"]]
        return [PartPlan(one.name, stage, total=2 * one.seconds) for stage, one in enumerate(asked)]

    def step(self, part: Part, sweep: Sweep) -> Step:
        asked = Asked.of(part.name, sweep.params)
        figures = dict(part.figures) or {side: {} for side in SIDES}
        try:
            return _window(part, asked, figures)
        except (load.NotConnected, LookupError, DatabaseError) as error:
            if isinstance(error, DatabaseError) and runner.is_transient(error):
                raise
            said = runner.describe(error) if isinstance(error, DatabaseError) else str(error)
            return Step(part.cursor, True, figures=figures | {"error": said})

    def end(self, sweep: Sweep) -> dict[str, Any]:
        now, found = timezone.now(), {}
        for part in sweep.parts.exclude(name="").order_by("stage"):
            found[part.name] = _keep(sweep, part, now)
        return found


def _window(part: Part, asked: Asked, figures: dict[str, Any]) -> Step:
    scenario = scenarios.of(part.name)
    samples = scenario.samples()
    figures["samples"] = len(samples)
    if not samples:
        return Step(part.cursor, True, figures=figures)
    turn, done = part.cursor or [0, {side: 0 for side in SIDES}]
    side = TURNS[turn % len(TURNS)]
    if done[side] >= asked.seconds:
        side = next(one for one in SIDES if one != side)
    refuse_too_many(side, asked.users)
    if part.name == "booking_creation":
        figures["ids"] = booking_creation.prepare(asked.users, figures.get("ids") or {})
    seconds = min(WINDOW, asked.seconds - done[side])
    request = getattr(scenario, side)
    figures[side] = add(figures[side], load.run(side, request, samples, asked.users, seconds, asked.pause))
    done = done | {side: done[side] + seconds}
    return Step([turn + 1, done], all(done[one] >= asked.seconds for one in SIDES), seconds, figures)


def add(known: Mapping[str, Any], window: load.Window) -> dict[str, Any]:
    """The figures of a side with one more window."""
    part, whole = Histogram(known.get("part")), Histogram(known.get("whole"))
    part.merge(window.part)
    differs = window.part.counts != window.whole.counts or bool(known.get("whole"))
    if differs:
        whole.merge(window.whole)
    return {
        "part": part.as_data(), "whole": whole.as_data() if differs else {},
        "errors": known.get("errors", 0) + window.errors, "error": known.get("error") or window.error,
        "seconds": known.get("seconds", 0.0) + window.seconds,
        "busy": known.get("busy", 0.0) + window.busy * window.seconds,
    }  # fmt: skip


def refuse_too_many(alias: str, users: int) -> None:
    """Raises NotConnected when the server has not enough connections left for that many users."""
    names = {
        one.strip(): found for found in system.database_connections() for one in found.aliases.split(",")
    }
    found = names.get(alias)
    if found is None or found.most is None or found.used is None or connections[alias].vendor != "mysql":
        return
    free = found.most - found.used - SPARE_CONNECTIONS
    if users > free:
        raise load.NotConnected(
            f"the server of {alias} has {free} free connections (max_connections {found.most}), {users} users need one "
            "each: raise max_connections or measure with a smaller share of users"
        )


def _keep(sweep: Sweep, part: Part, now: datetime) -> str:
    """Write the verdict of one scenario, once: a second end of the same measurement replaces it."""
    asked, check = Asked.of(part.name, sweep.params), performance.SCENARIOS[part.name].check
    verdict = judge(asked, part.figures)
    ValidationResult.objects.filter(sweep=sweep, validation_type=check).delete()
    ValidationResult.objects.filter(wave=sweep.wave, validation_type=check, current=True).update(
        current=False
    )
    ValidationResult.objects.create(
        wave=sweep.wave, sweep=sweep, validation_type=check, severity=SEVERITY, moment=MOMENT, result=verdict.result,
        details=verdict.details, fingerprint=fingerprint(check, verdict), created_at=now, updated_at=now,
        **sentences.columns("message", verdict.message, 1000),
    )  # fmt: skip
    return verdict.result


def fingerprint(check: str, verdict: Verdict) -> str:
    """Binds a waiver to what is red: the check and, roughly, by how much."""
    if verdict.result != ValidationResult.Result.FAIL:
        return ""
    ratio = verdict.details.get("ratio")
    told = f"{check} {verdict.message if ratio is None else round(ratio)}"
    return hashlib.sha256(told.encode()).hexdigest()
