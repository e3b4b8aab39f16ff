"""What the strategy's risk monitor looks for beyond single runs, and what open alerts mean for the risks.

Checks that fail, a backup that is too old, and a V5 slower than agreed are conditions of `tracking.alerts`; after each
look `follow` marks the risks that open alerts speak for, with the reason and where to look.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Q

from tracking import alerts
from tracking.alerts import CRITICAL, WARNING, Condition
from tracking.models import Alert, AuditEvent, BackupRecord, Phase, Risk, Run, ValidationResult, Wave
from tracking.risks.areas import risk_of
from tracking.risks.strategy import AUTHENTICATION, BUSINESS_LOGIC, DATA_LOSS, PERFORMANCE
from tracking.sentences import sentence
from tracking.states import UNFINISHED, PhaseState, WaveKind

log = structlog.get_logger("migration")
GO_LIVE, FIRST_THAT_MOVES = 6, 2
SHOWN = 8
ALERT_OF = {
    DATA_LOSS: ("DATA_CHECKS_FAIL", CRITICAL),
    AUTHENTICATION: ("ACCESS_CHECKS_FAIL", CRITICAL),
    BUSINESS_LOGIC: ("RULE_CHECKS_FAIL", CRITICAL),
    PERFORMANCE: ("SLOW_ANSWERS", WARNING),
}
RISK_OF = {
    **{code: risk for risk, (code, _level) in ALERT_OF.items()},
    "BACKUP_OLD": DATA_LOSS,
    "RUN_STOPPED": DATA_LOSS,
    "HIGH_ERROR_RATE": DATA_LOSS,
    "SLOW": PERFORMANCE,
    "TIMEOUT_RISK": PERFORMANCE,
    "MEMORY_PRESSURE": PERFORMANCE,
}


def conditions(now: datetime) -> Iterator[Condition]:
    """Failing checks by risk, and old backups, of the waves that still matter."""
    for wave in watched():
        yield from _failing(wave)
        if wave.kind == WaveKind.PRODUCTION and (said := _old_backup(wave, now)):
            yield Condition("BACKUP_OLD", WARNING, said, wave.pk)


def watched() -> list[Wave]:
    """Production waves whose go-live is not signed, and the newest rehearsal: nobody repairs an old rehearsal."""
    over = Phase.objects.filter(number=GO_LIVE, state=PhaseState.SIGNED).values("wave")
    waves = list(Wave.objects.filter(kind=WaveKind.PRODUCTION).exclude(pk__in=over))
    rehearsal = Wave.objects.filter(kind=WaveKind.REHEARSAL).order_by("-pk").first()
    return [*waves, rehearsal] if rehearsal else waves


def failing(wave: Wave) -> dict[str, set[str]]:
    """Ids of the checks whose latest verdict is a failure, by the risk they speak for."""
    red = ValidationResult.objects.filter(wave=wave, result=ValidationResult.Result.FAIL, current=True)
    found: dict[str, set[str]] = defaultdict(set)
    for check in set(red.values_list("validation_type", flat=True)):
        if risk := risk_of(check):
            found[risk].add(check)
    return found


def _failing(wave: Wave) -> Iterator[Condition]:
    for risk, checks in sorted(failing(wave).items()):
        code, level = ALERT_OF[risk]
        listed = sorted(checks)
        named = ", ".join(listed[:SHOWN]) + (" …" if len(listed) > SHOWN else "")
        said = sentence("%(wave)s: checks that fail: %(names)s", wave=wave.name, names=named)
        yield Condition(code, level, said, wave.pk)


def _old_backup(wave: Wave, now: datetime) -> str:
    """Why the backup of V5 is too old while records are being moved; empty when it is not."""
    moving = Run.objects.filter(
        phase__wave=wave, phase__number__gte=FIRST_THAT_MOVES, dry_run=False, status__in=UNFINISHED
    )
    if not moving.exists():
        return ""
    hours = settings.ALERTS["ALERT_BACKUP_HOURS"]
    backups = BackupRecord.objects.filter(
        Q(wave=wave) | Q(wave=None), database="v5", state=BackupRecord.State.DONE
    )
    latest = backups.order_by("-taken_at").first()
    if latest is None:
        return sentence("%(wave)s: records are moved and no backup of V5 is recorded", wave=wave.name)
    if now - latest.taken_at <= timedelta(hours=hours):
        return ""
    age = int((now - latest.taken_at) / timedelta(hours=1))
    return sentence(
        "%(wave)s: the latest backup of V5 is %(age)s hours old, allowed are %(hours)s",
        wave=wave.name,
        age=age,
        hours=hours,
    )


def follow(now: datetime) -> None:
    """Mark the risks that open alerts speak for; a risk whose last trigger is gone is open again."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for alert in Alert.objects.filter(closed_at=None, code__in=RISK_OF).order_by("pk"):
        found[RISK_OF[alert.code]].append(_trigger(alert))
    for risk in Risk.objects.all():
        triggers = found.get(risk.key, [])
        if triggers != risk.triggers:
            _keep(risk, triggers, now)


def _trigger(alert: Alert) -> dict[str, Any]:
    return {
        "alert": alert.pk, "code": alert.code, "wave": alert.wave_id, "message": alert.message,
        "facts": alert.message_facts, "since": alert.opened_at.isoformat(),
    }  # fmt: skip


def _keep(risk: Risk, triggers: list[dict[str, Any]], now: datetime) -> None:
    changes: dict[str, Any] = {"triggers": triggers}
    began = bool(triggers) and risk.state != Risk.State.TRIGGERED
    ended = not triggers and risk.state == Risk.State.TRIGGERED
    if began:
        changes |= {"state": Risk.State.TRIGGERED, "triggered_at": now}
    elif ended:
        changes |= {"state": Risk.State.OPEN, "triggered_at": None}
    with transaction.atomic(using="default"):
        if not Risk.objects.filter(pk=risk.pk, state=risk.state).update(**changes) or not (began or ended):
            return
        AuditEvent.objects.create(
            at=now, via="system", action="risk triggered" if began else "risk no longer triggered", subject_type="risk",
            subject_id=str(risk.pk), before={"state": risk.state}, after={"state": changes["state"]},
            reason="; ".join(one["message"] for one in triggers)[:1000],
        )  # fmt: skip
    log.warning("risk triggered" if began else "risk no longer triggered", code=risk.key)


alerts.register(conditions)
