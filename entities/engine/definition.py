"""Declarations: how one record maps to one V5 table, and how one aggregate moves."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from entities.engine.errors import BadValue, WrongDeclaration
from entities.engine.fields import Field, Parent, Stamp, Step
from entities.engine.filling import Filling
from entities.engine.values import Aggregate, Entry, Row, Unit

if TYPE_CHECKING:
    from entities.engine.environment import Env, Scope
    from entities.engine.extract import RowBatch
    from entities.engine.read import Reader


class Mapping:
    """One legacy record becomes one row of one V5 table.

    Write `entity` (type in the id map), `source`, `target` and the fields. `inputs` are legacy columns that
    rules read without a V5 column of their own, `kept` those that go to the map's additional data, `excluded`
    those that are dropped, with the reason. `essential` records take their parent along when they fail.
    `projection` records never count in row conservation. A wrong declaration raises WrongDeclaration when the
    class is built.
    """

    entity: ClassVar[str] = ""
    source: ClassVar[Any] = None
    target: ClassVar[Any] = None
    inputs: ClassVar[tuple[str, ...]] = ()
    kept: ClassVar[tuple[str, ...]] = ()
    excluded: ClassVar[dict[str, str]] = {}
    essential: ClassVar[bool] = False
    projection: ClassVar[bool] = False
    keyed: ClassVar[bool] = True  # the target has an `id` of its own
    key: ClassVar[tuple[str, ...]] = ()  # what tells a row of a target without one; default: every column

    fields: ClassVar[dict[str, Field]] = {}
    columns: ClassVar[tuple[str, ...]] = ()
    volatile: ClassVar[frozenset[str]] = frozenset()
    steps: ClassVar[tuple[Step, ...]] = ()
    filling: ClassVar[Filling]
    position: ClassVar[dict[str, int]] = {}
    table: ClassVar[str] = ""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        inherited = {
            name: field
            for base in reversed(cls.__mro__[1:])
            for name, field in vars(base).get("fields", {}).items()
        }
        own = {value.column or name: value for name, value in vars(cls).items() if isinstance(value, Field)}
        cls.fields = inherited | own
        if cls.target is None:
            return
        for name, field in cls.fields.items():
            if name in own:
                field.bind(name)
        cls._check()
        cls.table = cls.target._meta.db_table
        cls.columns = (("id",) if cls.keyed else ()) + tuple(cls.fields)
        cls.key = ("id",) if cls.keyed else cls.key or cls.columns
        cls.volatile = frozenset(name for name, field in cls.fields.items() if isinstance(field, Stamp))
        cls.position = {field.column: index for index, field in enumerate(cls.source._meta.concrete_fields)}
        cls.steps = tuple(field.step(cls.position) for field in cls.fields.values())
        cls.filling = Filling(list(cls.fields.values()), cls.position)

    @classmethod
    def _check(cls) -> None:
        target = {field.column for field in cls.target._meta.concrete_fields}
        source = {field.column for field in cls.source._meta.concrete_fields}
        if not cls.entity:
            raise WrongDeclaration(f"{cls.__name__}: `entity` is missing")
        if unknown := set(cls.fields) - target:
            raise WrongDeclaration(
                f"{cls.__name__}: {cls.target._meta.db_table} has no column {sorted(unknown)}"
            )
        own = {name for field in cls.fields.values() for name in field.sources if "." not in name}
        if unknown := (own | set(cls.inputs) | set(cls.kept) | set(cls.excluded)) - source:
            raise WrongDeclaration(
                f"{cls.__name__}: {cls.source._meta.db_table} has no column {sorted(unknown)}"
            )

    @classmethod
    def fill(cls, entry: Entry, row: Row, given: dict[str, Any], env: Env) -> None:
        """Give the entry its V5 id and values; bad values reject it or fall back, as the fields declare."""
        entry.mapping, entry.v5_table = cls, cls.table
        if cls.keyed:
            existing = entry.existing
            entry.v5_id = (
                existing.v5_id if existing is not None and existing.v5_id else env.ids.take(cls.table)
            )
        else:
            entry.v5_id = given.get("v5_id")
        try:
            values: Sequence[Any] = cls.filling(row, given, env)
        except BadValue:
            values = cls._one_by_one(entry, row, given, env)
        if not entry.rejected:
            entry.values = [entry.v5_id, *values] if cls.keyed else values
            if cls.kept:
                cls._keep(entry, row)

    @classmethod
    def _one_by_one(cls, entry: Entry, row: Row, given: dict[str, Any], env: Env) -> list[Any]:
        values: list[Any] = []
        for (name, field), step in zip(cls.fields.items(), cls.steps, strict=True):
            try:
                values.append(step(row, given, env))
            except BadValue as error:
                values.append(cls._fall_back(entry, name, field, error, row, env))
        return values

    @classmethod
    def _fall_back(cls, entry: Entry, name: str, field: Field, error: BadValue, row: Row, env: Env) -> Any:
        original = (
            row[cls.position[field.sources[0]]]
            if field.sources and field.sources[0] in cls.position
            else None
        )
        if field.bad is None:
            entry.reject(error.code, name, error.message, original)
            return None
        entry.warn(field.bad.warn or error.code, name, error.message, original)
        if field.bad.keep and original not in (None, ""):
            entry.keep().setdefault("original", {})[name] = original
        value = field.bad.value
        return value(row, env) if callable(value) else value

    @classmethod
    def _keep(cls, entry: Entry, row: Row) -> None:
        kept = {name: row[cls.position[name]] for name in cls.kept}
        if kept := {name: value for name, value in kept.items() if value not in (None, "")}:
            entry.keep(kept=kept)

    @classmethod
    def parents(cls) -> Iterable[tuple[str, int]]:
        """(entity, index of the legacy column) of each parent that is looked up in the map."""
        for field in cls.fields.values():
            if isinstance(field, Parent):
                yield field.entity, cls.position[field.source]


@dataclass(frozen=True)
class Child:
    """Rows that travel with the root, or with another child (`of`), and what becomes of their orphans.

    A row whose parent does not exist in legacy is rejected as `entity` with `orphan`; entity "" = no entry
    (the rows are accounted elsewhere). Rows that only shape a target have an entity `archive:<table>`, and
    `inputs` names their columns that do; the times of such a row need no mention.
    """

    model: Any
    key: str
    entity: str = ""
    of: str = ""
    orphan: str = "PARENT_REJECTED"
    where: str = ""
    parent_where: str = ""
    inputs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Segment:
    """One key space that a run goes through: the roots, then the orphans of each child."""

    name: str
    model: Any
    where: Callable[[Scope], str]
    transform: Callable[[Aggregate, Env, Unit], None]
    children: dict[str, Child]
    entity: str


class Migration:
    """How one aggregate moves: its root table, children, mappings and transform. One registry line each.

    `phase` is the strategy's; `after` names the migrations it needs. `roots` narrows the root rows (SQL on the
    root table under its alias `t`). A subclass writes `transform`, which fills a `Unit`; it is pure: what it
    needs from the databases comes from the map (`env.known`) or from `facts`.

    For the column coverage (R-08): `archived` names the legacy tables whose rows are all left out and kept whole
    in the archive, with the reason code (SENSITIVE: counted only); `reads` the columns that `facts` use.
    """

    name: ClassVar[str] = ""
    title: ClassVar[str] = ""
    phase: ClassVar[int] = 0
    after: ClassVar[tuple[str, ...]] = ()
    root: ClassVar[Any] = None
    root_entity: ClassVar[str] = ""
    children: ClassVar[dict[str, Child]] = {}
    mappings: ClassVar[tuple[type[Mapping], ...]] = ()
    roots: ClassVar[str] = ""
    child_reason: ClassVar[str] = "PARENT_REJECTED"
    archived: ClassVar[dict[str, str]] = {}
    reads: ClassVar[dict[str, tuple[str, ...]]] = {}
    fast: ClassVar[bool] = (
        True  # an aggregate with unchanged rows needs no new transform: not so when facts decide
    )

    def scope_where(self, scope: Scope) -> str:
        """SQL on the root (alias `t`) that keeps the rows of the scope's schools; "" = the row has no school."""
        return ""

    def school_of(self, root: Row) -> int | None:
        """Legacy school id of a root row, None when it has none."""
        return getattr(root, "school_id", None)

    def needs(self, batch: RowBatch) -> dict[str, set[int]]:
        """Legacy ids to look up in the map, by entity type, beyond the mappings' own `Parent` fields."""
        return {}

    def known_ids(self, batch: RowBatch) -> dict[str, set[int]]:
        """Legacy ids whose existing map entries matter, by entity type, beyond the rows of the batch."""
        return {}

    def facts(self, batch: RowBatch, read: Reader, env: Env) -> Any:
        """Whatever else the transform needs from either database: a fixed number of queries per batch."""
        return None

    def transform(self, aggregate: Aggregate, env: Env, unit: Unit) -> None:
        """Decide every outcome of one aggregate."""
        raise NotImplementedError(f"{self.name} has no transform")

    def segments(self) -> list[Segment]:
        """The key spaces in their order: roots first, then one for the orphans of each child."""
        from entities.engine.orphans import orphan_segments

        roots = Segment("", self.root, self._roots_where, self.transform, self.children, self.root_entity)
        return [roots, *orphan_segments(self)]

    def _roots_where(self, scope: Scope) -> str:
        return " AND ".join(f"({part})" for part in (self.roots, self.scope_where(scope)) if part)
