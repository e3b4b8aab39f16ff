"""How legacy rows become V5 rows of monitors (4.13)."""

from __future__ import annotations

from entities.clients.legacy import LegacyUserObservation, LegacyUserSport
from entities.engine import resolvers
from entities.engine.definition import Mapping
from entities.engine.fields import Computed, Const, Copy, Fallback, Given, Parent
from entities.engine.normalise import email, flag, timestamp
from entities.monitors import v5
from entities.monitors.legacy import LegacyAuthorizedDegree, LegacyUserNwd
from entities.users.legacy import LegacyUser, LegacyUserSchool

people = resolvers.of("users").people


UNDATED = Fallback(None, "DATE_INVALID")
WORK = ("avs", "work_license", "bank_details", "children", "civil_status", "family_allowance", "partner_work_license",
        "partner_works", "partner_percentaje")  # fmt: skip


def text(value: str | None) -> str:
    """nothing becomes an empty text"""
    return value or ""


def subtype(value: int | None) -> int:
    """1 absence, 2 paid block, 3 unpaid block; nothing is an absence"""
    return 1 if value is None else value


def _from_work(name: str) -> Given:
    return Given("from the latest work details", uses=(f"user_work_details.{name}",))


class MonitorMapping(Mapping):
    """4.13.1: one monitor per person of that kind."""

    entity = "monitor"
    source, target = LegacyUser, v5.V5Monitor

    email = Copy(convert=email, bad=Fallback(None, "EMAIL_INVALID"))
    first_name = Computed(people.first_name, uses=("first_name", "last_name"), rule="Q-08")
    last_name = Computed(people.last_name, uses=("last_name", "first_name"), rule="Q-08")
    birth_date = Computed(
        people.birth_date,
        uses=("birth_date",),
        bad=Fallback(people.unknown_birth_date, "BIRTH_DATE_UNKNOWN"),
        rule="Q-06",
    )
    phone = Copy()
    telephone = Copy()
    address = Copy()
    cp = Copy()
    city = Copy()
    province = Computed(people.province, uses=("province_id",), bad=Fallback(None, "PROVINCE_UNKNOWN"))
    country = Computed(people.country, uses=("country_id",), bad=Fallback(None, "COUNTRY_UNKNOWN"))
    world_country = Given(
        "V5's number of the country in the work details", uses=("user_work_details.country_id",)
    )
    language1_id = Parent("language", missing="LANGUAGE_UNKNOWN", required=False)
    language2_id = Parent("language", missing="LANGUAGE_UNKNOWN", required=False)
    language3_id = Parent("language", missing="LANGUAGE_UNKNOWN", required=False)
    image = Given("URL of the picture, which becomes a file (GR-16)", uses=("image",))
    avs = _from_work("avs")
    work_license = _from_work("work_license")
    bank_details = _from_work("bank_details")
    children = _from_work("children")
    civil_status = _from_work("civil_status")
    family_allowance = _from_work("family_allowance")
    partner_work_license = _from_work("partner_work_license")
    partner_works = _from_work("partner_works")
    partner_percentaje = _from_work("partner_percentaje")
    user_id = Given("V5 id of the account", uses=("id",))
    active_school = Given("V5 school of the latest active membership", uses=("user_schools.active_school",))
    active_station = Given("V5 station of that membership", uses=("user_schools.station_id",))
    active = Copy(convert=flag)
    created_at = Copy(convert=timestamp, bad=UNDATED)
    updated_at = Copy(convert=timestamp, bad=UNDATED)
    deleted_at = Given("when the person was deleted", uses=("deleted_at", "updated_at", "created_at"))
    old_id = Copy("id")


class MonitorSchoolMapping(Mapping):
    """4.13.2: membership of a monitor."""

    entity = "monitor_school"
    source, target = LegacyUserSchool, v5.V5MonitorSchool

    monitor_id = Given("V5 id of the monitor", uses=("user_id",))
    school_id = Parent("school", missing="SCHOOL_UNKNOWN")
    station_id = Parent("station", missing="STATION_UNKNOWN", required=False)
    active_school = Copy(convert=flag)
    status_updated_at = Copy(convert=timestamp, bad=UNDATED)
    accepted_at = Given("when an active membership began", uses=("created_at", "active_school"))
    created_at = Copy(convert=timestamp, bad=UNDATED)
    updated_at = Copy(convert=timestamp, bad=UNDATED)
    deleted_at = Const(None)
    old_id = Copy("id")


class MonitorSportDegreeMapping(Mapping):
    """4.13.3: sport and own level of a monitor at a school."""

    entity = "monitor_sport_degree"
    source, target = LegacyUserSport, v5.V5MonitorSportDegree

    sport_id = Parent("sport", missing="SPORT_UNKNOWN")
    school_id = Given("V5 school of the row, or each school of the person (Q-19)", uses=("school_id",))
    degree_id = Given("the school's own level for the global one", uses=("degree_id",))
    monitor_id = Given("V5 id of the monitor", uses=("user_id",))
    salary_level = Given("V5 salary level, if it is one of the same school", uses=("salary_level",))
    allow_adults = Copy()
    is_default = Copy(convert=flag)
    created_at = Copy(convert=timestamp, bad=UNDATED)
    updated_at = Copy(convert=timestamp, bad=UNDATED)
    deleted_at = Copy(convert=timestamp, bad=UNDATED)
    old_id = Copy("id")


class AuthorizedDegreeMapping(Mapping):
    """4.13.4: level that a monitor may teach beside his own."""

    entity = "monitor_authorized_degree"
    source, target = LegacyAuthorizedDegree, v5.V5MonitorAuthorizedDegree

    monitor_sport_id = Given("V5 id of the monitor's sport", uses=("user_sport_id",))
    degree_id = Given("V5 level of the same school", uses=("degree_id",))
    created_at = Copy(convert=timestamp, bad=UNDATED)
    updated_at = Copy(convert=timestamp, bad=UNDATED)
    deleted_at = Copy(convert=timestamp, bad=UNDATED)
    old_id = Copy("id")


class NwdMapping(Mapping):
    """4.13.5: absence or block, one row per day or per period (Q-23)."""

    entity = "monitor_nwd"
    source, target = LegacyUserNwd, v5.V5MonitorNwd

    monitor_id = Given("V5 id of the monitor", uses=("user_id",))
    school_id = Given("V5 school; empty = every school of the monitor", uses=("school_id",))
    station_id = Parent("station", missing="STATION_UNKNOWN", required=False)
    start_date = Given("first day of the row", uses=("start_date", "end_date"))
    end_date = Given("last day of the row", uses=("end_date",))
    start_time = Given(
        "empty for whole days, unless Q-23 gives opening hours", uses=("start_time", "full_day")
    )
    end_time = Given("empty for whole days, unless Q-23 gives opening hours", uses=("end_time", "full_day"))
    full_day = Copy(convert=flag)
    default = Const(0)
    description = Copy()
    color = Copy()
    user_nwd_subtype_id = Copy(convert=subtype)
    created_at = Copy(convert=timestamp, bad=UNDATED)
    updated_at = Copy(convert=timestamp, bad=UNDATED)
    deleted_at = Copy(convert=timestamp, bad=UNDATED)
    old_id = Copy("id")
    price = Const(None)


class MonitorObservationMapping(Mapping):
    """4.13.6: note about a monitor; V5 wants texts, so nothing becomes an empty one."""

    entity = "monitor_observation"
    source, target = LegacyUserObservation, v5.V5MonitorObservation

    general = Copy(convert=text)
    notes = Copy(convert=text)
    historical = Copy(convert=text)
    monitor_id = Given("V5 id of the monitor", uses=("user_id",))
    school_id = Given("V5 school per Q-21")
    created_at = Copy(convert=timestamp, bad=UNDATED)
    updated_at = Copy(convert=timestamp, bad=UNDATED)
    deleted_at = Const(None)
    old_id = Copy("id")
