"""System health (strategy, System Health Check): how quickly the databases answer, and what stands behind them."""

from __future__ import annotations

import platform
import statistics
import time
from datetime import timedelta

import django
from django.conf import settings
from django.db import connections
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from entities.preflight import sql
from entities.preflight.check import Answer, Check, Finding, Scope, Severity
from entities.preflight.servers import of
from tracking.dashboard import system
from tracking.models import BackupRecord
from tracking.sentences import joined, sentence

ALIASES = {"default": "panel", "legacy": "legacy", "v5": "V5"}
ROUNDS = 20
SLOW = 0.05  # seconds for one round trip; a batch needs some twenty of them
BUSY = 2.0  # processes that want a core, per core
FEW_CONNECTIONS = 20


class Latency(Check):
    """The middle one of twenty round trips to each database."""

    id = "P-25"
    title = _("The databases answer quickly")
    rule = "strategy, System Health Check"
    severity = Severity.ACKNOWLEDGE
    needs = ("default", "legacy", "v5")

    def run(self, scope: Scope) -> Answer:
        found = {name: self._median(alias) for alias, name in ALIASES.items()}
        message = ", ".join(f"{name} {took * 1000:.1f} ms" for name, took in found.items())
        slow = [
            f"{name}: {took * 1000:.0f} ms for one round trip" for name, took in found.items() if took > SLOW
        ]
        if slow:
            return self.found(
                message, slow, _("run the workers closer to the databases, or find what slows the network")
            )
        return self.ok(message)

    def _median(self, alias: str) -> float:
        sql.value(alias, "SELECT 1")
        took = []
        for _round in range(ROUNDS):
            began = time.perf_counter()
            sql.value(alias, "SELECT 1")
            took.append(time.perf_counter() - began)
        return statistics.median(took)


class Load(Check):
    """Load of this machine, and free connections of the servers."""

    id = "P-26"
    title = _("This machine and the servers have room for the work")
    rule = "strategy, System Health Check"
    severity = Severity.ACKNOWLEDGE
    needs = ("default", "legacy", "v5")

    def run(self, scope: Scope) -> Answer:
        machine = system.machine()
        said = [sentence("load %(load)s on %(cores)s cores", load=f"{machine.load:.1f}", cores=machine.cores),
                sentence("%(percent)s %% of the memory in use", percent=machine.memory_whole)]  # fmt: skip
        short: list[Finding | str] = []
        if machine.load > BUSY * machine.cores:
            short.append(sentence("more work waits than this machine can do"))
        if machine.memory_percent > settings.ALERTS["ALERT_MEMORY_PERCENT"]:
            short.append(sentence("%(percent)s %% of the memory is in use", percent=machine.memory_whole))
        for one in system.database_connections():
            if one.used is not None and one.most is not None:
                said.append(
                    sentence(
                        "%(used)s of %(most)s connections of %(names)s",
                        used=one.used,
                        most=one.most,
                        names=one.aliases,
                    )
                )
                if one.most - one.used < FEW_CONNECTIONS:
                    short.append(
                        sentence("few connections are left on the server of %(names)s", names=one.aliases)
                    )
        message = joined(", ", said)
        return (
            self.found(message, short, _("end other work before a large load")) if short else self.ok(message)
        )


class Versions(Check):
    id = "P-27"
    title = _("Servers and programmes are new enough")
    rule = "design section 4"
    needs = ("default", "legacy", "v5")

    def run(self, scope: Scope) -> Answer:
        found = {name: of(connections[alias]).version(connections[alias]) for alias, name in ALIASES.items()}
        servers = ", ".join(f"{name} {said}" for name, (said, _new) in found.items())
        message = f"{servers}; Python {platform.python_version()}, Django {django.get_version()}"
        old = [f"{name}: {said}" for name, (said, is_new) in found.items() if not is_new]
        if old:
            return self.found(
                message, old, _("MySQL 8.0, MariaDB 10.6 or SQLite 3.35 is the oldest that is supported")
            )
        return self.ok(message)


class Privileges(Check):
    id = "P-28"
    title = _("The V5 account may do what the migration does")
    rule = "design section 4"
    needs = ("v5",)

    def run(self, scope: Scope) -> Answer:
        missing = of(connections["v5"]).missing_privileges(connections["v5"])
        if missing:
            return self.found(
                _("the account lacks privileges"), missing, _("give them to the account of V5_DATABASE_URL")
            )
        return self.ok(_("it may read, write and prepare the schema"))


class BackupAge(Check):
    """The latest recorded backup of V5, of this wave or of every wave."""

    id = "P-29"
    title = _("There is a recent backup of V5")
    rule = "strategy, Backup system verification"
    severity = Severity.ACKNOWLEDGE
    needs = ("default",)

    def run(self, scope: Scope) -> Answer:
        backups = BackupRecord.objects.filter(database="v5", state=BackupRecord.State.DONE)
        if scope.wave is not None:
            backups = backups.filter(Q(wave=scope.wave) | Q(wave=None))
        latest, hours = backups.order_by("-taken_at").first(), settings.ALERTS["ALERT_BACKUP_HOURS"]
        step = _("back V5 up and record the backup before records are moved")
        if latest is None:
            return self.found(_("no backup of V5 is recorded"), next_step=step)
        age = timezone.now() - latest.taken_at
        message = sentence("the latest one is %(hours)s hours old", hours=int(age / timedelta(hours=1)))
        if age > timedelta(hours=hours):
            return self.found(message, [sentence("allowed are %(hours)s hours", hours=hours)], step)
        return self.ok(message)
