"""Checks of counts (reconciliation section 3): every line of the table, states, ages and codes."""

from __future__ import annotations

from entities.reconciliation.check import Check
from entities.reconciliation.checks import counts_levels as levels
from entities.reconciliation.checks import counts_notes as notes
from entities.reconciliation.checks.codes import Codes
from entities.reconciliation.checks.counts_added import LazyDegrees, StandIns
from entities.reconciliation.checks.counts_people import PEOPLE
from entities.reconciliation.checks.counts_reference import REFERENCE
from entities.reconciliation.checks.counts_teaching import TEACHING
from entities.reconciliation.checks.states import Ages, TrashedStates

CHECKS: tuple[type[Check], ...] = (
    *REFERENCE, *PEOPLE,
    levels.ClientSports, levels.MonitorSports, levels.AuthorisedDegrees,
    notes.ClientNotes, notes.MonitorNotes, notes.Evaluations, notes.EvaluationFiles, notes.EvaluationGoals,
    *TEACHING, LazyDegrees, StandIns, TrashedStates, Ages, Codes,
)  # fmt: skip
