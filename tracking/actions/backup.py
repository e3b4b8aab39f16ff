"""Recording a backup that somebody made."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from tracking.actions.base import Action, ActionRefused
from tracking.models import BackupRecord, Wave

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
