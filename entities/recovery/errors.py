"""What can go wrong on the way back, said so that a person knows what to do."""

from __future__ import annotations

from entities.engine.errors import EngineError
from tracking.actions import ActionRefused
from tracking.sentences import sentence


class RecoveryFailed(EngineError):
    """A backup, a restore test or a step of a runbook cannot be done; the message says why and what would help.

    Never names a password: addresses are told as host, port and schema.
    """


class BackupIsBad(RecoveryFailed):
    """The backup itself is not what was written: it must not be relied upon."""


def told(error: Exception) -> str:
    """What is kept of an error: a sentence where it has one, else its kind and words."""
    if isinstance(error, EngineError | ActionRefused) and error.args and isinstance(error.args[0], str):
        return error.args[0]
    return sentence("%(kind)s: %(said)s", kind=type(error).__name__, said=str(error)[:800])


def fault(error: Exception) -> str:
    """What is kept of a fault of the programme."""
    return sentence("The programme failed with %(kind)s: tell an engineer.", kind=type(error).__name__)
