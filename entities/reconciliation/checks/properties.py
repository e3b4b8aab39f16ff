"""Properties of runs (reconciliation section 11): doing it twice writes nothing, the source stays as it is."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from entities.engine import content
from entities.reconciliation.check import Check, Kind, Looked, Seen, Severity, Whole
from entities.reconciliation.reading import Reading
from entities.reconciliation.tables import PerTable, with_id
from tracking.models import Run, Tally, ValidationResult
from tracking.states import RunStatus


def _runs(read: Reading, **filters: Any) -> list[Run]:
    return list(
        Run.objects.filter(phase__wave=read.wave, status=RunStatus.COMPLETED, **filters).order_by("pk")
    )


class Idempotent(Whole):
    id, title = "R-90", _("Doing it a second time writes nothing")
    how = _(
        "Runs (also dry ones) after an earlier complete run of the same rules over an unchanged source write 0 rows."
    )
    severity, phase, rule = Severity.B, 2, "R-90"

    def look(self, read: Reading, looked: Looked) -> None:
        first: dict[tuple[str, str], Run] = {}
        for run in _runs(read):
            key = (run.entity_type, str(run.metadata.get("fingerprint", "")))
            earlier = first.get(key)
            if earlier is None:
                if not run.dry_run:
                    first[key] = run
                continue
            if run.metadata.get("totals") != earlier.metadata.get("totals"):
                continue  # the source has other rows since: that is a delta
            looked.examined()
            again = _written(run)
            if again and not _corrected(earlier, run):
                looked.find(
                    Seen(Kind.VIOLATION, entity=run.entity_type, v5_table="migration_tracking", v5_id=run.pk,
                         field="written_rows", expected=0, found=again, message="a repeated run wrote rows")
                )  # fmt: skip


def _written(run: Run) -> int:
    """Rows written by the batches that the run claimed by itself: a re-queued selection is somebody's correction."""
    return run.batches.filter(keys__isnull=True).aggregate(n=Sum("rows_written"))["n"] or 0


def _corrected(earlier: Run, run: Run) -> bool:
    """Somebody answered for a record in between: what the later run wrote may be that answer."""
    return run.phase.wave.corrections.filter(made_at__gt=earlier.started_at).exists()


class SourceUnchanged(PerTable):
    id, title = "R-94", _("The legacy database is as it was before")
    how = _("Rows and content of every legacy table against the figures of the check before the load.")
    severity, phase, rule, twin = Severity.B, 2, "R-94", True

    def tables(self, read: Reading) -> list[str]:
        return sorted(with_id(read, "legacy"))

    def baseline(self, read: Reading, cursor: Any, looked: Looked) -> Any:
        return self._each(read, cursor, looked, {})

    def step(self, read: Reading, cursor: Any, looked: Looked) -> Any:
        noted = self._noted(read)
        return self._each(read, cursor, looked, noted) if noted else None

    def _each(self, read: Reading, cursor: Any, looked: Looked, noted: dict[str, Any]) -> Any:
        place = cursor[0] if cursor else 0
        tables = self._listed(read)
        rows, digest = content.table_figures("legacy", tables[place])
        looked.examined(None, rows)
        looked.of(None).sums[tables[place]] = [
            rows,
            int(digest, 16) if isinstance(digest, str) else digest,
            0,
        ]
        if (
            noted
            and (was := noted.get(tables[place]))
            and [str(rows), was[1]] != [was[0], str(looked.of(None).sums[tables[place]][1])]
        ):
            looked.find(
                Seen(Kind.DIFFERS, legacy_table=tables[place], field="content", expected=f"{was[0]} rows",
                     found=f"{rows} rows", message="the content of the legacy table changed since the check before the load")
            )  # fmt: skip
        return [place + 1, 0] if place + 1 < len(tables) else None

    def _noted(self, read: Reading) -> dict[str, Any]:
        """The figures of the first check before the load of this wave; without one there is nothing to check."""
        results = ValidationResult.objects.filter(
            wave=read.wave, validation_type=self.id, moment="P", school_id=None
        )
        first = results.order_by("pk").first()
        return dict(first.details.get("sums", {})) if first else {}


class Forecast(Whole):
    id, title = "R-95", _("A dry run foretold what the run did")
    how = _(
        "Rows by outcome and reason of the last dry run against the first real run after it, under the same rules."
    )
    severity, phase, rule = Severity.B, 2, "R-95"

    def look(self, read: Reading, looked: Looked) -> None:
        dry: dict[tuple[str, str], Run] = {}
        for run in _runs(read):
            key = (run.entity_type, str(run.metadata.get("fingerprint", "")))
            if run.dry_run:
                dry[key] = run
            elif key in dry:
                self._pair(dry.pop(key), run, looked)

    @staticmethod
    def _pair(dry: Run, real: Run, looked: Looked) -> None:
        foretold, done = _tallies(dry), _tallies(real)
        for key in sorted(foretold.keys() | done.keys()):
            looked.examined()
            if foretold.get(key, 0) != done.get(key, 0):
                looked.find(
                    Seen(Kind.DIFFERS, entity=key[0], v5_table="migration_tracking", v5_id=real.pk,
                         field=f"{key[1]} {key[2]}".strip(), expected=foretold.get(key, 0), found=done.get(key, 0),
                         message="the dry run foretold another number")
                )  # fmt: skip


def _tallies(run: Run) -> dict[tuple[str, str, str], int]:
    found: dict[tuple[str, str, str], int] = defaultdict(int)
    for entity, disposition, reason, rows in (
        Tally.objects.filter(run=run).exclude(disposition="warning").values_list("entity_type", "disposition", "reason", "rows")
    ):  # fmt: skip
        found[(entity, disposition, reason)] += rows
    return found


CHECKS: tuple[type[Check], ...] = (Idempotent, SourceUnchanged, Forecast)
