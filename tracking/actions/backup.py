"""Recording a backup that somebody made; having one taken, and proven by restoring it."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from tracking import dispatch
from tracking.actions.base import Action, ActionRefused
from tracking.models import BackupRecord, RestoreTest, Wave
from tracking.undertakings import State

BACKUP, RESTORE_TEST = "entities.backup", "entities.restore_test"
TAKEN_BY_US = ("v5", "default")
AT_WORK = (State.WAITING, State.RUNNING)
CHECKSUM = re.compile(r"[0-9a-fA-F]{32,128}")


class RecordBackup(Action):
    """A person vouches for a backup: where it lies, its size in bytes, its checksum, when it was taken.

    The panel does not look at the file. Addresses with a password are refused.
    """

    name, permission, subject_type = "record backup", "tracking.record_backup", "wave"

    def __init__(self, wave: Wave, *, database: str, location: str, size: int, checksum: str, taken_at: datetime,
                 **who: Any) -> None:  # fmt: skip
        super().__init__(wave, **who)
        self.values: dict[str, Any] = {
            "database": database,
            "location": location.strip(),
            "size": size,
            "checksum": checksum.strip(),
            "taken_at": taken_at,
        }
        self.now: datetime | None = None

    def perform(self, now: datetime) -> Any:
        self.now = now
        return super().perform(now)

    def effect(self) -> str:
        return _("You vouch for a backup of %(database)s, %(size)s bytes, taken %(when)s.") % {
            "database": self.values["database"], "size": f"{self.values['size']:,}",
            "when": f"{self.values['taken_at']:%Y-%m-%d %H:%M}",
        }  # fmt: skip

    def check(self) -> None:
        if self.actor is None:
            raise ActionRefused(_("A person vouches for a backup: use the panel, with your own account."))
        if self.values["database"] not in ("v5", "legacy", "default"):
            raise ActionRefused(_("A backup is of v5, legacy or the panel (default)."))
        if not self.values["location"] or re.search(r"://[^/\s]*:[^/\s]*@", self.values["location"]):
            raise ActionRefused(_("Say where the backup lies, without a password."))
        if self.values["size"] <= 0:
            raise ActionRefused(_("A backup of no bytes is none."))
        if not CHECKSUM.fullmatch(self.values["checksum"]):
            raise ActionRefused(
                _("The checksum is 32 to 128 hexadecimal digits, as md5sum or sha256sum print it.")
            )
        if self.now is None or self.values["taken_at"] > self.now:
            raise ActionRefused(_("A backup cannot be taken in the future."))

    def execute(self, now: datetime) -> dict[str, Any]:
        made = BackupRecord.objects.create(
            wave=self.subject, recorded_by=self.actor, recorded_at=now, **self.values
        )
        return {**self.values, "taken_at": str(self.values["taken_at"]), "backup": made.pk}


class TakeBackup(Action):
    """Asks a worker for a backup of V5 or of the panel itself, by the server's own dump; `wave` None: for every wave."""

    name, permission, subject_type = "take backup", "tracking.take_backup", "backup"

    def __init__(self, database: str, *, wave: Wave | None = None, queued: bool = True, **who: Any) -> None:
        super().__init__(None, **who)
        self.database, self.wave, self.queued = database, wave, queued

    def effect(self) -> str:
        facts = {"name": _("V5") if self.database == "v5" else _("the panel")}
        return (
            _("A worker takes a backup of %(name)s into the folder of backups. Writers wait for a moment.")
            % facts
        )

    def before(self) -> dict[str, Any]:
        return {}

    def check(self) -> None:
        if self.database not in TAKEN_BY_US:
            raise ActionRefused(
                _("The panel takes backups of V5 and of itself (default); record others by hand.")
            )
        waiting = BackupRecord.objects.filter(database=self.database, state__in=AT_WORK).first()
        if waiting is not None:
            raise ActionRefused(
                _("Backup %(number)s of the same database is under way: wait for its end.")
                % {"number": waiting.pk}
            )

    def execute(self, now: datetime) -> dict[str, Any]:
        self.subject = BackupRecord.objects.create(
            wave=self.wave, database=self.database, location="", size=0, checksum="", taken_at=now, recorded_at=now,
            recorded_by=self.actor, state=State.WAITING,
        )  # fmt: skip
        if self.queued:
            dispatch.send(BACKUP, self.subject.pk)
        return {"database": self.database}


class TestRestore(Action):
    """Asks a worker to restore a backup into the scratch database and to compare it with what was noted."""

    __test__ = False  # no test of ours, whatever its name begins with
    name, permission, subject_type = "test restore", "tracking.test_restore", "backup"

    def __init__(self, backup: BackupRecord, *, queued: bool = True, **who: Any) -> None:
        super().__init__(backup, **who)
        self.queued = queued
        self.test: RestoreTest | None = None

    def effect(self) -> str:
        facts = {"backup": self.subject, "size": f"{self.subject.size:,}"}
        return (
            _(
                "Backup %(backup)s (%(size)s bytes) is restored into the scratch database, compared table by table, and the "
                "scratch database is removed again. V5 is not touched."
            )
            % facts
        )

    def before(self) -> dict[str, Any]:
        return {}

    def check(self) -> None:
        if self.subject.state != State.DONE:
            raise ActionRefused(_("Only a complete backup can be restored."))
        if not self.subject.method:
            raise ActionRefused(
                _("A person vouches for this backup: only those that the panel took can be restored here.")
            )
        if RestoreTest.objects.filter(backup=self.subject, state__in=AT_WORK).exists():
            raise ActionRefused(_("It is being restored already: wait for the end of that."))

    def execute(self, now: datetime) -> dict[str, Any]:
        self.test = RestoreTest.objects.create(backup=self.subject, asked_by=self.actor, asked_at=now)
        if self.queued:
            dispatch.send(RESTORE_TEST, self.test.pk)
        return {"restore test": self.test.pk}
