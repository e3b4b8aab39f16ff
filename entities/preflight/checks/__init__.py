"""Every check of the pre-flight, in the order in which a person should read them."""

from __future__ import annotations

from entities.preflight.check import Check
from entities.preflight.checks import choices, databases, keys, quality, schemas, server, text

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
    keys.Capacity(),
    keys.NextIds(),
    keys.TargetRows(),
    keys.TargetDuplicates(),
    *quality.ALL,
)
