"""A backup or a restore test that failed and nobody looks at: an alert until a newer one went well."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from tracking import alerts
from tracking.alerts import WARNING, Condition
from tracking.models import BackupRecord, RestoreTest
from tracking.sentences import sentence
from tracking.undertakings import State

FAILED = "BACKUP_FAILED"


def conditions(now: datetime) -> Iterator[Condition]:
    """The latest backup of a database failed, or the latest restore test did not end well; one alert for all."""
    taken = BackupRecord.objects.exclude(method="", state=State.DONE).exclude(
        state__in=(State.WAITING, State.RUNNING)
    )
    for database, name in (("v5", "V5"), ("default", "panel")):
        latest = taken.filter(database=database).order_by("-pk").only("state").first()
        if latest is not None and latest.state == State.FAILED:
            yield Condition(
                FAILED, WARNING, sentence("Backup %(number)s of %(name)s failed", number=latest.pk, name=name)
            )
            return
    test = RestoreTest.objects.filter(state__in=(State.DONE, State.FAILED)).order_by("-pk").first()
    if test is not None and not test.passed:
        yield Condition(
            FAILED,
            WARNING,
            sentence("Backup %(number)s could not be restored as noted", number=test.backup_id),
        )


alerts.register(conditions)
