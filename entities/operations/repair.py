"""Writing a V5 record again from its source, from a finding: previewed, guarded, audited, archived before."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from entities.engine import source
from entities.engine.change import cells_of, rewrite
from entities.engine.load import Target
from entities.engine.runner import iso
from entities.engine.validate import encoding_of
from entities.engine.values import Entry
from entities.operations.comparison import Comparison, compare, rederived
from tracking.actions.base import Action, ActionRefused
from tracking.models import Finding


def preview(finding: Finding, *, personal: bool = False) -> Comparison:
    """The V5 rows of the record beside what its source gives today, field by field."""
    return compare(finding.entity_type, finding.legacy_table, finding.legacy_id or 0, personal=personal)


class RepairRecord(Action):
    """Writes the V5 rows of one record again as the rules derive them from the legacy row today.

    A row that somebody edited in V5 since is only overwritten when `overwrite` says so; what stood there goes to the
    rollback archive in the same transaction.
    """

    name, permission, subject_type = "repair record", "tracking.repair_record", "finding"

    def __init__(self, finding: Finding, *, overwrite: bool = False, **who: Any) -> None:
        super().__init__(finding, **who)
        self.overwrite = overwrite

    def effect(self) -> str:
        rows = list(self._rows())
        edited = sum(is_edited for _entry, is_edited in rows)
        said = _("%(n)s V5 rows are written again from the legacy record.") % {"n": len(rows)}
        if edited:
            said += " " + _(
                "%(n)s of them were edited in V5 since: that work is kept in the archive only."
            ) % {"n": edited}
        return said

    def check(self) -> None:
        one: Finding = self.subject
        if one.legacy_id is None or not one.legacy_table:
            raise ActionRefused(
                _("No legacy record stands behind this finding: it cannot be written again from a source.")
            )
        rows = list(self._rows())
        if not rows:
            raise ActionRefused(
                _("Every V5 row of this record is already what its source gives: run the check again.")
            )
        if any(is_edited for _entry, is_edited in rows) and not self.overwrite:
            raise ActionRefused(
                _(
                    "The V5 record was edited since it was moved. Tick “overwrite” if that work may go to the archive."
                )
            )

    def before(self) -> dict[str, Any]:
        one: Finding = self.subject
        return {"record": f"{one.legacy_table}:{one.legacy_id}", "check": one.check_id}

    def execute(self, now: datetime) -> dict[str, Any]:
        one: Finding = self.subject
        written, tables = 0, []
        with transaction.atomic(using="v5"):
            for entry, _is_edited in self._rows():
                written += rewrite(entry, self._target(now))
                tables.append(f"{entry.v5_table}:{entry.existing.v5_id}")
        Finding.objects.filter(
            sweep=one.sweep_id,
            legacy_table=one.legacy_table,
            legacy_id=one.legacy_id,
            repaired_at__isnull=True,
        ).update(repaired_at=now)
        return {"rows": tables, "overwritten": self.overwrite}

    def _target(self, now: datetime) -> Target:
        return Target("v5", self._env.ids, self._run_id, None, iso(now), ())

    def _rows(self) -> Iterator[tuple[Entry, bool]]:
        """Entries of the record whose V5 row is gone or differs, and whether somebody edited that row."""
        one: Finding = self.subject
        found = rederived(one.entity_type, one.legacy_table, one.legacy_id or 0)
        if found is None:
            return
        self._run_id, units = found
        for unit in units:
            self._env = unit.env
            for entry in unit.entries:
                if (entry.legacy_table, entry.legacy_id) != (one.legacy_table, one.legacy_id):
                    continue
                if _stands(entry) and (differs := _differs(entry)) is not None:
                    yield entry, differs


def _stands(entry: Entry) -> bool:
    """Whether the entry should have a V5 row of its own."""
    keyed = entry.mapping is not None and entry.mapping.keyed
    return keyed and entry.cells is not None and entry.existing is not None and bool(entry.existing.v5_id)


def _differs(entry: Entry) -> bool | None:
    """None: the row is as derived. False: it is gone, or stands as it was written. True: somebody edited it."""
    mapping = entry.mapping
    assert mapping is not None and entry.cells is not None
    rows = source.of(mapping.target).within("id", [entry.existing.v5_id])
    if not rows:
        return False
    encoding = encoding_of(mapping)
    stands = encoding.hash(cells_of(rows[0], mapping))
    if stands == encoding.hash(list(entry.cells)):
        return None
    return stands != entry.existing.target_hash
