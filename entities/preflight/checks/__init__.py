"""Every check of the pre-flight, in the order in which a person should read them."""

from __future__ import annotations

from entities.preflight.check import Check
from entities.preflight.checks import choices, databases, health, keys, quality, schemas, server, text

ALL: tuple[Check, ...] = (
    databases.Reachable(),
    databases.Different(),
    databases.LegacyReadOnly(),
    databases.Prepared(),
    choices.ChoicesValid(),
    choices.SchoolsExist(),
    schemas.LegacySchema(),
    schemas.V5Schema(),
    schemas.ColumnCoverage(),
    schemas.ConditionalColumns(),
    schemas.SeasonTriggers(),
    schemas.SignMismatches(),
    text.Storable(),
    text.DoubleEncoded(),
    text.SessionDates(),
    server.Strict(),
    server.Engines(),
    server.SafetyNets(),
    server.BinaryLog(),
    server.BulkLoad(),
    server.Resources(),
    health.Latency(),
    health.Load(),
    health.Versions(),
    health.Privileges(),
    health.BackupAge(),
    keys.Capacity(),
    keys.NextIds(),
    keys.TargetRows(),
    keys.TargetDuplicates(),
    *quality.ALL,
)

# System health (strategy): what the page of that name shows of a pre-flight.
HEALTH = (
    "P-01", "P-25", "P-26", "P-19", "P-27", "P-03", "P-28", "P-14", "P-15", "P-16", "P-17", "P-18", "P-29",
)  # fmt: skip
