"""What can go wrong on the way back, said so that a person knows what to do."""

from __future__ import annotations

from entities.engine.errors import EngineError


class RecoveryFailed(EngineError):
    """A backup, a restore test or a step of a runbook cannot be done; the message says why and what would help.

    Never names a password: addresses are told as host, port and schema.
    """


class BackupIsBad(RecoveryFailed):
    """The backup itself is not what was written: it must not be relied upon."""
