"""Schools with everything that belongs to them (4.6, 4.7)."""

from __future__ import annotations

from typing import Any

from entities.engine.definition import Child, Mapping, Migration
from entities.engine.environment import Env, Scope
from entities.engine.errors import BadValue
from entities.engine.extract import RowBatch
from entities.engine.fields import Const, Copy, Given
from entities.engine.normalise import flag, money, normal_key, timestamp
from entities.engine.read import Reader
from entities.engine.values import MERGED, REJECTED, Aggregate, Entry, Row, Unit
from entities.schools import facts as school_facts
from entities.schools import rules, satellites
from entities.schools.legacy import (
    LegacyMail,
    LegacySchool,
    LegacySchoolColor,
    LegacySchoolSalaryLevel,
    LegacySchoolSport,
    LegacyStationSchool,
    LegacyTask,
    LegacyTaskCheck,
)
from entities.schools.v5 import V5School
from tracking.sentences import sentence

SECRET = "encrypted with the old installation's key; to be entered again (GR-17, Q-04)"
TASK_HAS_SCHOOL = "EXISTS (SELECT 1 FROM schools s WHERE s.id = p.school_id)"


class SchoolMapping(Mapping):
    """4.6: one V5 school per legacy school."""

    entity = "school"
    source, target = LegacySchool, V5School
    excluded = {"payrexx_instance": SECRET, "payrexx_key": SECRET}

    name = Copy()
    description = Given("the first 100 characters; the full text is kept", uses=("description",), rule="4.6")
    contact_email = Copy()
    contact_phone = Copy()
    contact_telephone = Copy()
    contact_address = Copy()
    contact_cp = Copy()
    contact_city = Copy()
    contact_province = Given("text for the province", uses=("contact_province_id",), rule="Q-09")
    contact_country = Given("text for the country", uses=("contact_country_id",), rule="Q-09")
    fiscal_name = Copy()
    fiscal_id = Copy()
    fiscal_address = Copy()
    fiscal_cp = Copy()
    fiscal_city = Copy()
    fiscal_province = Given("text for the province", uses=("fiscal_province_id",), rule="Q-09")
    fiscal_country = Given("text for the country", uses=("fiscal_country_id",), rule="Q-09")
    iban = Copy()
    logo = Given("URL of the picture", uses=("logo",), rule="GR-16")
    slug = Given("unique web address in lower case", uses=("slug", "name"), rule="4.6")
    cancellation_insurance_percent = Given("percentage of the dump, else 10.00", rule="4.6")
    payrexx_instance = Const(None, rule="GR-17, Q-04")
    payrexx_key = Const(None, rule="GR-17, Q-04")
    conditions_url = Copy()
    bookings_comission_cash = Copy(convert=money)
    bookings_comission_boukii_pay = Copy(convert=money)
    bookings_comission_other = Copy(convert=money)
    school_rate = Copy(convert=money)
    has_ski = Given("1 when the school offers it", uses=("school_sports.sport_id",))
    has_snowboard = Given("1 when the school offers it", uses=("school_sports.sport_id",))
    has_telemark = Given("1 when the school offers it", uses=("school_sports.sport_id",))
    has_rando = Given("1 when the school offers it", uses=("school_sports.sport_id",))
    inscription = Given("the dump's own mark, else 0")
    type = Copy()
    active = Copy(convert=flag)
    settings = Given("currency and insurance as a fraction; everything else empty", rule="4.6, Q-07")
    created_at = Copy(convert=timestamp)
    updated_at = Copy(convert=timestamp)
    deleted_at = Given("the dump's own mark of deletion, else empty")
    old_id = Copy("id")
    feature_flags = Given("every switch off until the school is cut over")
    is_test_school = Given("1 for the test schools that the operator named", rule="Q-10")


class SchoolMigration(Migration):
    """Schools, their colours, pay bands, stations, sports, tasks and mail templates.

    A school that V5 held before is matched by its web address; one with the same name only waits for a
    person, who makes the two addresses equal or the two names different.
    """

    name, title, phase, after = "schools", "Schools", 2, ("stations", "sports")
    root, root_entity = LegacySchool, "school"
    fast = False  # slugs, marks and settings rest on other rows too
    children = {
        "colors": Child(LegacySchoolColor, "school_id", "school_color", orphan="SCHOOL_UNKNOWN"),
        "levels": Child(LegacySchoolSalaryLevel, "school_id", "school_salary_level", orphan="SCHOOL_UNKNOWN"),
        "stations": Child(LegacyStationSchool, "school_id", "station_school", orphan="SCHOOL_UNKNOWN"),
        "sports": Child(LegacySchoolSport, "school_id", "school_sport", orphan="SCHOOL_UNKNOWN"),
        "tasks": Child(LegacyTask, "school_id", "task", orphan="SCHOOL_UNKNOWN"),
        "checks": Child(LegacyTaskCheck, "task_id", "task_check", of="tasks", parent_where=TASK_HAS_SCHOOL),
        "mails": Child(LegacyMail, "school_id", "mail", orphan="SCHOOL_UNKNOWN"),
    }
    mappings = (SchoolMapping, *satellites.MAPPINGS)

    def scope_where(self, scope: Scope) -> str:
        """Excluded test schools are read too: they get their entry."""
        return "" if scope.schools is None else Scope(scope.schools | scope.excluded).where("t.id")

    def school_of(self, root: Row) -> int | None:
        return int(root.id)

    def facts(self, batch: RowBatch, read: Reader, env: Env) -> school_facts.SchoolFacts:
        return school_facts.load(batch.roots, batch.all("mails"), read)

    def transform(self, aggregate: Aggregate, env: Env, unit: Unit) -> None:
        school = aggregate.root
        if school.id in env.scope.excluded:
            _leave_out(self, aggregate, unit)
            return
        entry = _place(aggregate, env, unit)
        if entry.rejected:
            _reject_all(self, aggregate, unit, entry)
        else:
            _satellites(aggregate, env, unit, entry)


def _place(aggregate: Aggregate, env: Env, unit: Unit) -> Entry:
    """The school's own entry: merged into the V5 school of the same web address, held back, or new."""
    school, known = aggregate.root, env.facts
    existing = env.existing.get(("school", school.id, ""))
    written = (
        existing if existing is not None and existing.v5_id and existing.disposition != REJECTED else None
    )
    if written is not None and written.disposition == MERGED:
        return unit.merge("school", school, written.v5_id, "schools")
    if written is None:
        if known.slugs[school.id] in known.present:
            return unit.merge("school", school, known.present[known.slugs[school.id]], "schools")
        if (twin := known.present_names.get(normal_key(school.name))) is not None:
            return unit.reject(
                "school", school, "DUPLICATE_KEY", "name",
                sentence("V5 school %(id)s has the same name and another web address: make the addresses equal "
                         "if they are one school, else the names different", id=twin),
            )  # fmt: skip
    return _draft(aggregate, env, unit)


def _draft(aggregate: Aggregate, env: Env, unit: Unit) -> Entry:
    school, known = aggregate.root, env.facts
    notes: list[tuple[str, str, str, Any]] = []
    extras = known.extras.get(school.id, {})
    percent = money(extras.get("cancellation_insurance_percent"))
    percent = rules.INSURANCE_PERCENT if percent is None else percent
    default = env.choices.of("default_currency", school=school.id)
    currency = rules.main_currency(known.currencies.get(school.id, {}), default)
    given = {
        **_texts(school, env, notes),
        "logo": _logo(school, unit, notes),
        "slug": known.slugs[school.id],
        "cancellation_insurance_percent": percent,
        **rules.marks(known.sports.get(link.sport_id) for link in aggregate.rows("sports")),
        "inscription": flag(extras.get("inscription")),
        "settings": rules.settings(currency, percent),
        "deleted_at": timestamp(extras.get("deleted_at")),
        "feature_flags": rules.switches_off(),
        "is_test_school": int(school.id in env.choices.of("schools").test),
    }
    entry = unit.draft(SchoolMapping, school, given)
    _flag(school, entry, given["slug"], notes)
    return entry


def _flag(school: Row, entry: Entry, slug: str, notes: list[tuple[str, str, str, Any]]) -> None:
    for code, name, message, original in notes:
        entry.warn(code, name, message)
        entry.keep().setdefault("original", {})[name] = original
    if slug != rules.wanted_slug(school):
        entry.warn(
            "SLUG_CLASH",
            "slug",
            sentence("another school uses this web address; it became %(slug)s", slug=slug),
        )
    if school.payrexx_instance or school.payrexx_key:
        entry.warn(
            "CREDENTIALS_TO_REENTER", "payrexx_key", sentence("the gateway's access data were left empty")
        )


def _texts(school: Row, env: Env, notes: list[tuple[str, str, str, Any]]) -> dict[str, str | None]:
    """Texts that are made of keys or may be too long; what is cut or unknown is noted."""
    places, notation = env.facts.places, env.choices.of("geo_text")
    texts: dict[str, str | None] = {"description": school.description}
    for kind in ("contact", "fiscal"):
        for place, find in (("province", places.province), ("country", places.country)):
            key = getattr(school, f"{kind}_{place}_id")
            texts[f"{kind}_{place}"] = found = find(key, notation)
            if found is None and key:
                code = f"{place.upper()}_UNKNOWN"
                notes.append(
                    (
                        code,
                        f"{kind}_{place}_id",
                        sentence("legacy has no %(place)s %(key)s", place=sentence(place), key=key),
                        key,
                    )
                )
    for name, text in texts.items():
        if text is not None and len(text) > rules.LONGEST_TEXT:
            message = sentence(
                "%(name)s holds %(longest_text)s characters, the text has %(n)s",
                name=name,
                longest_text=rules.LONGEST_TEXT,
                n=len(text),
            )
            notes.append(("TRUNCATED_COPY_KEPT", name, message, text))
            texts[name] = text[: rules.LONGEST_TEXT]
    return texts


def _logo(school: Row, unit: Unit, notes: list[tuple[str, str, str, Any]]) -> str | None:
    try:
        return unit.image(school.logo)
    except BadValue as error:
        notes.append((error.code, "logo", error.message, school.logo))
        return ""


def _satellites(aggregate: Aggregate, env: Env, unit: Unit, school: Entry) -> None:
    _once_per_key(aggregate, env, unit, school)
    given = {"school_id": school.v5_id}
    for level in aggregate.rows("levels"):
        unit.draft(satellites.SalaryLevelMapping, level, given, under=school)
    for task in aggregate.rows("tasks"):
        entry = unit.draft(satellites.TaskMapping, task, given, under=school)
        for check in aggregate.rows("checks", of=task.id):
            if entry.rejected:
                message = sentence("task %(id)s was rejected", id=task.id)
                unit.reject("task_check", check, "PARENT_REJECTED", "task_id", message, under=entry)
            else:
                unit.draft(satellites.TaskCheckMapping, check, {"task_id": entry.v5_id}, under=entry)
    language = env.choices.of("mail_language", school=aggregate.root.id)
    for mail in aggregate.rows("mails"):
        extras = env.facts.mail_extras.get(mail.id, {})
        more = {"lang": extras.get("lang") or language, "title": extras.get("title"),
                "deleted_at": timestamp(extras.get("deleted_at"))}  # fmt: skip
        unit.draft(satellites.MailMapping, mail, given | more, under=school)


def _once_per_key(aggregate: Aggregate, env: Env, unit: Unit, school: Entry) -> None:
    """Colours, stations and sports: once per school, whatever legacy holds twice."""
    default = satellites.default_color(aggregate.rows("colors"))
    kinds = (
        (satellites.ColorMapping, "colors", satellites.color_key),
        (satellites.StationSchoolMapping, "stations", lambda row: env.known["station"].get(row.station_id)),
        (satellites.SchoolSportMapping, "sports", lambda row: env.known["sport"].get(row.sport_id)),
    )
    for mapping, name, key in kinds:
        satellites.write_once(
            unit, mapping, aggregate.rows(name), key,
            lambda row: {"school_id": school.v5_id, "default": int(row.id == default)},
            present=env.facts.satellites.get((mapping.table, school.v5_id), {}), under=school,
        )  # fmt: skip


def _leave_out(migration: Migration, aggregate: Aggregate, unit: Unit) -> None:
    """A test school that the operator leaves out (Q-10), with everything that belongs to it."""
    school = unit.skip("school", aggregate.root, "OUT_OF_SCOPE_SCHOOL", archive=False)
    for entity, row in _children(migration, aggregate):
        unit.skip(entity, row, "OUT_OF_SCOPE_SCHOOL", archive=False, under=school)


def _reject_all(migration: Migration, aggregate: Aggregate, unit: Unit, school: Entry) -> None:
    message = sentence("school %(id)s was rejected: %(code)s", id=aggregate.root.id, code=school.reason)
    for entity, row in _children(migration, aggregate):
        unit.reject(entity, row, "PARENT_REJECTED", message=message, under=school)


def _children(migration: Migration, aggregate: Aggregate) -> list[tuple[str, Row]]:
    found: list[tuple[str, Row]] = []
    for name, child in migration.children.items():
        parents = aggregate.rows(child.of) if child.of else [aggregate.root]
        found += [(child.entity, row) for parent in parents for row in aggregate.rows(name, of=parent.id)]
    return found
