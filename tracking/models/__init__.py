"""The record: what was asked, what happened, who decided. One file per noun."""

from tracking.models.acknowledgement import Acknowledgement
from tracking.models.approval import Signature, Waiver
from tracking.models.audit import AuditEvent
from tracking.models.batch import Batch, Tally
from tracking.models.checkpoint import Checkpoint, CheckpointRows, CheckpointTable
from tracking.models.choice import ChoiceValue
from tracking.models.correction import Correction, IssueNote
from tracking.models.finding import Finding
from tracking.models.group import IssueGroup
from tracking.models.issue import Issue
from tracking.models.job import Job
from tracking.models.log import LogEntry
from tracking.models.manual import ManualRecord, Probe
from tracking.models.performance import Measurement
from tracking.models.preflight import PreflightReport
from tracking.models.report import PhaseReport
from tracking.models.requeue import Requeue, SizeChange
from tracking.models.reservation import IdReservation
from tracking.models.risk import CriterionStatement, Risk
from tracking.models.rollback import Rollback, RollbackFinding
from tracking.models.run import Run
from tracking.models.runbook import Runbook, RunbookEvidence, RunbookStep
from tracking.models.sweep import Part, Sweep
from tracking.models.validation import ValidationResult
from tracking.models.watch import Alert, BackupRecord, RestoreTest, WorkerSeen
from tracking.models.wave import Phase, Wave

__all__ = [
    "Acknowledgement",
    "Alert",
    "AuditEvent",
    "BackupRecord",
    "Batch",
    "Checkpoint",
    "CheckpointRows",
    "CheckpointTable",
    "ChoiceValue",
    "Correction",
    "CriterionStatement",
    "Finding",
    "IdReservation",
    "Issue",
    "IssueGroup",
    "IssueNote",
    "Job",
    "LogEntry",
    "ManualRecord",
    "Measurement",
    "Part",
    "Phase",
    "PhaseReport",
    "PreflightReport",
    "Probe",
    "Requeue",
    "RestoreTest",
    "Risk",
    "Rollback",
    "RollbackFinding",
    "Run",
    "Runbook",
    "RunbookEvidence",
    "RunbookStep",
    "Signature",
    "SizeChange",
    "Sweep",
    "Tally",
    "ValidationResult",
    "Waiver",
    "Wave",
    "WorkerSeen",
]
