"""Is the V5 server set up so that a load is safe, and fast enough?"""

from __future__ import annotations

import os
import shutil

from django.conf import settings
from django.db import connections
from django.utils.translation import gettext_noop as _

from entities.engine import schema
from entities.preflight.check import Answer, Check, Scope, Severity
from entities.preflight.servers import of
from entities.preparation import findings
from tracking.sentences import joined, sentence

GIB = 2**30
LITTLE_DISK = 5 * GIB
LITTLE_MEMORY = GIB


class Strict(Check):
    id = "P-14"
    title = _("V5 refuses bad values instead of bending them")
    rule = "GR-12, GR-23"
    needs = ("v5",)

    def run(self, scope: Scope) -> Answer:
        missing = of(connections["v5"]).strictness(connections["v5"])
        if missing:
            return self.found(
                _("the session is not strict"),
                missing,
                _("remove sql_mode from the options of V5_DATABASE_URL"),
            )
        return self.ok(_("strict"))


class Engines(Check):
    id = "P-15"
    title = _("Every V5 table that is written knows transactions")
    rule = "GR-07"
    needs = ("v5",)

    def run(self, scope: Scope) -> Answer:
        tables = {model._meta.db_table for model in findings.models_of("v5")} & schema.live("v5").tables
        others = of(connections["v5"]).other_engines(connections["v5"], tables)
        if others:
            return self.found(
                _("some tables cannot be rolled back"), others, _("convert them: ALTER TABLE … ENGINE=InnoDB")
            )
        return self.ok(sentence("%(n)s tables, all transactional", n=len(tables)))


class SafetyNets(Check):
    id = "P-16"
    title = _("Foreign keys and unique keys are enforced")
    rule = "design section 6"
    needs = ("v5",)

    def run(self, scope: Scope) -> Answer:
        off = of(connections["v5"]).switched_off(connections["v5"])
        if off:
            return self.found(
                _("a safety net is off"), off, _("switch it on: the load has to be valid by itself")
            )
        return self.ok(_("both are on"))


class BinaryLog(Check):
    id = "P-17"
    title = _("V5 can be restored to a point in time")
    rule = "design section 6"
    severity = Severity.ACKNOWLEDGE
    needs = ("v5",)

    def run(self, scope: Scope) -> Answer:
        why = of(connections["v5"]).binary_log(connections["v5"])
        if why:
            return self.found(
                why, next_step=_("switch the binary log on, or rely on full backups and say so")
            )
        return self.ok(_("changes are logged, or a copy of the file is the backup"))


class BulkLoad(Check):
    id = "P-18"
    title = _("How rows are loaded")
    severity = Severity.INFO
    needs = ("v5",)

    def run(self, scope: Scope) -> Answer:
        return self.ok(of(connections["v5"]).bulk_load(connections["v5"]))


class Resources(Check):
    id = "P-19"
    title = _("Free disk and memory")
    severity = Severity.INFO
    needs = ("v5",)

    def run(self, scope: Scope) -> Answer:
        memory = available_memory()
        said = [sentence("memory unknown")]
        if memory is not None:
            said = [sentence("%(n)s GiB of memory", n=f"{memory / GIB:.1f}")]
        short = ["less than 1 GiB of memory"] if memory is not None and memory < LITTLE_MEMORY else []
        for what, folder in self._folders().items():
            free = shutil.disk_usage(folder).free
            said.append(sentence("%(n)s GiB of disk for %(what)s", n=f"{free / GIB:.1f}", what=what))
            if free < LITTLE_DISK:
                short.append(f"less than 5 GiB of disk for {what}")
        message = sentence("free here: %(what)s", what=joined(", ", said))
        return self.found(message, short, _("make room before a large load")) if short else self.ok(message)

    def _folders(self) -> dict[str, str]:
        """Folders of this machine that will grow; those of another machine cannot be seen from here."""
        folders = {"images": _existing(str(settings.IMAGE_ROOT))}
        data = of(connections["v5"]).data_folder(connections["v5"])
        if data and os.path.isdir(data):
            folders["V5"] = data
        return folders


def _existing(folder: str) -> str:
    while not os.path.isdir(folder):
        folder = os.path.dirname(folder)
    return folder


def available_memory() -> int | None:
    """Bytes that a new process could use; None where it cannot be known."""
    try:
        import psutil
    except ImportError:
        return None
    return int(psutil.virtual_memory().available)
