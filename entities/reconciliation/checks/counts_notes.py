"""Counts of notes and evaluations (section 3)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from entities.reconciliation.checks.counted import Ask, Counted
from entities.reconciliation.checks.counts_people import HOW_ONE, OF_CLIENTS
from entities.reconciliation.reading import Reading

BARE = "TRIM(REPLACE(REPLACE(REPLACE(REPLACE(COALESCE({0}, ''), %s, ''), %s, ''), %s, ''), %s, ''))"
# The school of an evaluation is that of its level; one of nobody belongs to no school.
SCHOOL = (
    "LEFT JOIN users u ON u.id = e.user_id"
    " LEFT JOIN degrees_school_sport d ON d.id = e.degrees_school_sport_id AND u.id IS NOT NULL"
)
BLANKS = ["\n", "\r", "\t", "\u00a0"]


class ClientNotes(Counted):
    phase = 3
    id, title = "R-10-client-notes", _("Notes about clients: one per note with text")
    how = _("Every note of legacy with text must have one V5 note, blank ones none.")
    entity, table, v5_table = "client_observation", "user_observations", "client_observations"
    whose: ClassVar[str] = OF_CLIENTS

    def asks(self, read: Reading, after: int, upto: int) -> Iterable[Ask]:
        texts = " OR ".join(
            f"{BARE.format('o.' + name)} <> ''" for name in ("general", "notes", "historical")
        )
        sql = (f"SELECT o.id, CASE WHEN {texts} THEN 1 ELSE 0 END AS has_text FROM user_observations o"
               f" LEFT JOIN users u ON u.id = o.user_id WHERE {self.whose} AND o.id > %s AND o.id <= %s")  # fmt: skip
        for row in read.legacy(sql, [*BLANKS * 3, after, upto]):
            yield Ask(row.id if row.has_text else None, None, row.id)


class MonitorNotes(ClientNotes):
    id, title = "R-10-monitor-notes", _("Notes about monitors: one per note with text")
    entity, v5_table, whose = "monitor_observation", "monitor_observations", "u.user_type = 3"


class Evaluations(Counted):
    phase = 3
    id, title = "R-10-evaluations", _("Evaluations: one per evaluation with text, goal or picture")
    how = _("Every evaluation of legacy that says something must have one V5 evaluation, empty ones none.")
    entity, table, v5_table = "evaluation", "evaluations", "evaluations"

    def asks(self, read: Reading, after: int, upto: int) -> Iterable[Ask]:
        sql = (f"SELECT e.id, d.school_id, CASE WHEN {BARE.format('e.observations')} <> '' OR EXISTS (SELECT 1 FROM"
               " evaluation_fulfilled_goals g WHERE g.evaluation_id = e.id) OR EXISTS (SELECT 1 FROM evaluation_files f"
               f" WHERE f.evaluation_id = e.id AND {BARE.format('f.image')} <> '') THEN 1 ELSE 0 END AS says"
               f" FROM evaluations e {SCHOOL} WHERE e.id > %s AND e.id <= %s")  # fmt: skip
        for row in read.legacy(sql, [*BLANKS * 2, after, upto]):
            yield Ask(row.id if row.says else None, row.school_id, row.id)


class EvaluationFiles(Counted):
    phase, how = 3, HOW_ONE
    id, title = "R-10-evaluation-files", _("Pictures of evaluations: one V5 record each")
    entity, table, v5_table = "evaluation_file", "evaluation_files", "evaluation_files"
    filled: ClassVar[str] = f"CASE WHEN {BARE.format('p.image')} <> '' THEN 1 ELSE 0 END"
    blanks: ClassVar[list[str]] = BLANKS

    def asks(self, read: Reading, after: int, upto: int) -> Iterable[Ask]:
        sql = (f"SELECT p.id, d.school_id, {self.filled} AS filled FROM {self.table} p LEFT JOIN evaluations e"
               f" ON e.id = p.evaluation_id {SCHOOL} WHERE p.id > %s AND p.id <= %s")  # fmt: skip
        for row in read.legacy(sql, [*self.blanks, after, upto]):
            yield Ask(row.id if row.filled else None, row.school_id, row.id)


class EvaluationGoals(EvaluationFiles):
    id, title = "R-10-evaluation-goals", _("Goals reached: one V5 record each")
    entity, table, v5_table = "evaluation_goal", "evaluation_fulfilled_goals", "evaluation_fulfilled_goals"
    filled, blanks = "1", []
