"""Memory, processor and load of the machine that serves the panel, and connections of the database servers."""

from __future__ import annotations

from dataclasses import dataclass

import psutil
from django.db import DatabaseError, connections

ALIASES = ("default", "legacy", "v5")


@dataclass(frozen=True)
class Machine:
    """Memory in bytes, processor in per cent of all cores, load of the last minute."""

    memory_used: int
    memory_total: int
    memory_percent: float
    cpu_percent: float
    load: float
    cores: int

    @property
    def memory_whole(self) -> int:
        return round(self.memory_percent)

    @property
    def cpu_whole(self) -> int:
        return round(self.cpu_percent)


def machine() -> Machine:
    """Processor time since the last call; the first call of a process says 0."""
    memory = psutil.virtual_memory()
    return Machine(
        memory.total - memory.available, memory.total, memory.percent, psutil.cpu_percent(),
        psutil.getloadavg()[0], psutil.cpu_count() or 1,
    )  # fmt: skip


@dataclass(frozen=True)
class Connections:
    """Open connections of one database server; `used` None with `kind` says why there is no number."""

    aliases: str
    kind: str  # "server", "file", "unreachable"
    used: int | None = None
    most: int | None = None


def database_connections() -> list[Connections]:
    """One entry per server; aliases on the same server share it. Files have no connections to count."""
    servers: dict[tuple[str, str], list[str]] = {}
    for alias in ALIASES:
        of = connections[alias].settings_dict
        place = (
            (str(of.get("HOST")), str(of.get("PORT"))) if connections[alias].vendor == "mysql" else ("", "")
        )
        servers.setdefault(place, []).append(alias)
    return [_one(aliases, place) for place, aliases in servers.items()]


def _one(aliases: list[str], place: tuple[str, str]) -> Connections:
    names = ", ".join(aliases)
    if connections[aliases[0]].vendor != "mysql":
        return Connections(names, "file")
    try:
        with connections[aliases[0]].cursor() as cursor:
            cursor.execute("SHOW GLOBAL STATUS LIKE 'Threads_connected'")
            used = int(cursor.fetchone()[1])
            cursor.execute("SHOW GLOBAL VARIABLES LIKE 'max_connections'")
            return Connections(names, "server", used, int(cursor.fetchone()[1]))
    except DatabaseError:
        return Connections(names, "unreachable")
