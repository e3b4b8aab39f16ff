"""What a person may do: one class per action, the same for the panel, the commands and the tests.

PauseRun(run, actor=user, reason="maintenance").perform(now)     # checks, does it, keeps an audit event
RequeueFailed(run, via="command").effect()                       # what it would do, in words
"""

from tracking.actions.alert import AcknowledgeAlert
from tracking.actions.base import Action, ActionRefused
from tracking.actions.cancel import CancelRun
from tracking.actions.change import ChangeRun
from tracking.actions.lease import ReleaseLease
from tracking.actions.pause import PauseRun
from tracking.actions.requeue import RequeueBatch, RequeueBatches, RequeueFailed, RequeueIssues, RequeueRecord
from tracking.actions.resume import ResumeRun
from tracking.actions.split import SplitBatches

__all__ = [
    "AcknowledgeAlert",
    "Action", "ActionRefused", "CancelRun", "ChangeRun", "PauseRun", "RequeueBatch", "RequeueBatches", "RequeueFailed",
    "RequeueIssues", "ReleaseLease", "RequeueRecord", "ResumeRun", "SplitBatches",
]  # fmt: skip
