"""People's corrections: what the engine reads instead of what legacy holds. Legacy itself is never written.

A correction replaces column values of one row (a chosen parent is the legacy id in its key column) or leaves the
row out. It reaches the transform of the record it belongs to; facts that are read by SQL over many rows (e-mail
clusters, code duplicates) keep seeing legacy.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import structlog
from django.core.exceptions import ValidationError
from django.db import models

from entities.engine import source
from entities.engine.definition import Segment
from entities.engine.errors import BadValue
from entities.engine.extract import RowBatch
from entities.engine.read import FEW
from entities.engine.report import rows_of
from entities.engine.values import Aggregate, Row, Unit
from tracking.models import Correction
from tracking.sentences import Sentence, sentence

Key = tuple[str, int]
log = structlog.get_logger("migration")
LEFT_OUT = "LEFT_OUT_BY_PERSON"
INTEGERS = ("AutoField", "BigAutoField", "BigIntegerField", "IntegerField", "SmallIntegerField")


@dataclass(frozen=True)
class Answers:
    """Active corrections by (legacy table, legacy id): typed values, and reasons of rows that are left out."""

    values: dict[Key, dict[str, Any]] = field(default_factory=dict)
    skips: dict[Key, str] = field(default_factory=dict)

    def skip_of(self, row: Row) -> str | None:
        return self.skips.get((row._table, row.id))


NONE = Answers()


def load(wave_id: int, segment: Segment, rows: RowBatch) -> Answers:
    """The corrections of these rows: one query per legacy table, one in all for few rows or a wave without any."""
    active = Correction.objects.filter(wave_id=wave_id, active=True)
    tables = {table: {row.id for row in some} for table, some in rows.by_table().items()}
    ids = set().union(*tables.values())
    if len(ids) <= FEW:
        near = active.filter(legacy_table__in=tables, legacy_id__in=ids)
        return of((one for one in near if one.legacy_id in tables[one.legacy_table]), segment)
    if not active.exists():
        return NONE
    found: list[Any] = []
    for table, own in tables.items():
        for some in source.chunks(sorted(own), 5_000):
            found += active.filter(legacy_table=table, legacy_id__in=some)
    return of(found, segment)


def of(corrections: Iterable[Correction], segment: Segment) -> Answers:
    """Answers made of Correction objects, stored or not."""
    tables = {
        model._meta.db_table: model
        for model in (segment.model, *(one.model for one in segment.children.values()))
    }
    answers = Answers()
    for correction in corrections:
        key = (correction.legacy_table, correction.legacy_id)
        if correction.skip:
            answers.skips[key] = correction.reason
        elif correction.values and correction.legacy_table in tables:
            answers.values[key] = _values(tables[correction.legacy_table], correction)
    return answers


def _values(model: Any, correction: Correction) -> dict[str, Any]:
    """Typed values; one that the column cannot hold any more is left aside, so that the record keeps its issue."""
    found: dict[str, Any] = {}
    for name, text in correction.values.items():
        try:
            found[name] = parse(model, name, text)
        except BadValue:
            log.warning("correction does not fit", correction=correction.pk, column=name)
    return found


def merged(first: Answers, second: Answers) -> Answers:
    """Both, the second one winning."""
    return Answers({**first.values, **second.values}, {**first.skips, **second.skips})


def apply(rows: RowBatch, answers: Answers) -> RowBatch:
    """The rows as people corrected them."""
    if not answers.values:
        return rows
    children = {
        name: {key: [_corrected(row, answers) for row in some] for key, some in groups.items()}
        for name, groups in rows.children.items()
    }
    return RowBatch([_corrected(row, answers) for row in rows.roots], children)


def _corrected(row: Row, answers: Answers) -> Row:
    values = answers.values.get((row._table, row.id))
    return row._replace(**values) if values else row


def leave_out(
    rows: RowBatch, segment: Segment, answers: Answers
) -> tuple[RowBatch, dict[int, list[tuple[str, Row]]]]:
    """The rows without the children that people left out, and those children by root: (entity, row)."""
    if not answers.skips:
        return rows, {}
    out: dict[int, list[tuple[str, Row]]] = {}
    for aggregate in rows:
        for name, child in segment.children.items():
            gone = [row for row in rows_of(segment, aggregate, name) if answers.skip_of(row) is not None]
            out.setdefault(aggregate.root.id, []).extend((child.entity, row) for row in gone if child.entity)
    children = {
        name: {key: [row for row in some if answers.skip_of(row) is None] for key, some in groups.items()}
        for name, groups in rows.children.items()
    }
    return RowBatch(rows.roots, children), out


def skip_root(segment: Segment, aggregate: Aggregate, unit: Unit, reason: str) -> None:
    """The whole aggregate is left out on purpose."""
    root = unit.skip(segment.entity, aggregate.root, LEFT_OUT)
    root.keep(left_out_because=reason)
    for name, child in segment.children.items():
        if child.entity:
            for row in rows_of(segment, aggregate, name):
                unit.skip(child.entity, row, LEFT_OUT, under=root)


def parse(model: Any, column: str, text: str | None) -> Any:
    """A person's text as a value of a legacy column; None or "" empties it.

    Raises BadValue with what the column holds, never with the text itself.
    """
    kind = {one.column: one for one in model._meta.concrete_fields}.get(column)
    if kind is None or column == "id" or column in source.SECRETS:
        raise BadValue("VALUE_INVALID", sentence("%(column)s cannot be corrected", column=column))
    if text is None or text == "":
        return _emptied(kind)
    try:
        return _typed(kind, str(text).strip() if is_typed(kind) else str(text))
    except (ValueError, ArithmeticError, ValidationError):
        raise BadValue(
            "VALUE_INVALID", sentence("%(column)s: %(what)s expected", column=column, what=expects(kind))
        ) from None


def is_typed(kind: models.Field[Any, Any]) -> bool:
    """Whether the column holds something else than text."""
    return kind.get_internal_type() in INTEGERS or isinstance(
        kind, (models.DecimalField, models.FloatField, *source.TEMPORAL)
    )


def expects(kind: models.Field[Any, Any]) -> Sentence:
    """What a column holds, in the words of a person."""
    if kind.get_internal_type() in INTEGERS:
        return sentence("a whole number")
    if isinstance(kind, models.DecimalField | source.DoubleAmountField):
        return sentence("an amount with up to %(n)s decimals", n=kind.decimal_places)
    if isinstance(kind, models.FloatField):
        return sentence("a number")
    if isinstance(kind, models.DateTimeField):
        return sentence("a day and time (YYYY-MM-DD HH:MM:SS)")
    if isinstance(kind, models.DateField):
        return sentence("a day (YYYY-MM-DD)")
    if isinstance(kind, models.TimeField):
        return sentence("a time (HH:MM:SS)")
    longest = getattr(kind, "max_length", None)
    return sentence("a text of up to %(n)s letters", n=longest) if longest else sentence("a text")


def _emptied(kind: models.Field[Any, Any]) -> str | None:
    if kind.null:
        return None
    if is_typed(kind):
        raise BadValue(
            "VALUE_INVALID",
            sentence(
                "%(column)s: %(what)s expected, it cannot be empty", column=kind.column, what=expects(kind)
            ),
        )
    return ""


def _typed(kind: models.Field[Any, Any], text: str) -> Any:
    if kind.get_internal_type() in INTEGERS:
        return _whole(kind, text)
    if isinstance(kind, models.DecimalField | models.FloatField):
        return _amount(kind, text)
    if isinstance(kind, source.TEMPORAL):
        return _temporal(kind, text)
    longest = getattr(kind, "max_length", None)
    if longest and len(text) > longest:
        raise ValueError(text)
    return text


def _whole(kind: models.Field[Any, Any], text: str) -> int:
    number = int(text)
    if abs(number) > 2**63 - 1:
        raise ValueError(text)
    return number


def _amount(kind: Any, text: str) -> Decimal:
    """Point or comma as decimal sign, never both; more decimals than the column has are refused, not rounded."""
    number = Decimal(text.replace(",", "."))
    if not number.is_finite():
        raise ValueError(text)
    places = getattr(kind, "decimal_places", None)
    if places is None:
        return number
    exact = number.quantize(Decimal(1).scaleb(-places))
    if exact != number or len(exact.as_tuple().digits) > kind.max_digits:
        raise ValueError(text)
    return exact


def _temporal(kind: models.Field[Any, Any], text: str) -> str:
    value = kind.to_python(text)
    if value is None or getattr(value, "tzinfo", None) is not None:
        raise ValueError(text)
    if isinstance(kind, models.DateTimeField):
        return str(value.strftime("%Y-%m-%d %H:%M:%S"))
    return str(value.strftime("%H:%M:%S") if isinstance(kind, models.TimeField) else value.isoformat())
