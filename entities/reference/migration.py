"""Languages, sport types, sports, service types, stations: what every other record refers to (4.1 to 4.5)."""

from __future__ import annotations

from typing import Any

from entities.engine.definition import Child, Mapping
from entities.engine.environment import Env
from entities.engine.extract import RowBatch
from entities.engine.fields import Computed, Copy, Given, Parent
from entities.engine.natural import NaturalKeyMigration
from entities.engine.normalise import flag, normal_key, timestamp
from entities.engine.read import Reader
from entities.engine.values import Aggregate, Entry, Unit
from entities.reference import geography
from entities.reference.legacy import (
    LegacyCourseIcon,
    LegacyLanguage,
    LegacyServiceType,
    LegacySport,
    LegacySportType,
    LegacyStation,
    LegacyStationService,
)
from entities.reference.v5 import V5Language, V5ServiceType, V5Sport, V5SportType, V5Station, V5StationService

ICONS = {2: "icon_prive", 1: "icon_collective", 3: "icon_activity"}


def empty_when_null(value: Any) -> str:
    """NULL becomes an empty text"""
    return "" if value is None else value


def zero_when_null(value: Any) -> int:
    """NULL becomes 0"""
    return value or 0


def lower(value: str) -> str:
    """lower case"""
    return value.strip().lower()


class LanguageMapping(Mapping):
    """4.1: matched by code."""

    entity = "language"
    source, target = LegacyLanguage, V5Language

    code = Copy(convert=lower)
    name = Copy()
    old_id = Copy("id")


class LanguageMigration(NaturalKeyMigration):
    """Languages; two rows with one code become one."""

    name, title, phase = "languages", "Languages", 2
    root, root_entity = LegacyLanguage, "language"
    mapping, mappings = LanguageMapping, (LanguageMapping,)
    duplicate_warning = "LANGUAGE_DUPLICATE"

    def key(self, row: Any, env: Env) -> Any:
        return lower(row.code)

    target_key = staticmethod(lambda row: lower(row.code))


class SportTypeMapping(Mapping):
    """4.2: matched by name."""

    entity = "sport_type"
    source, target = LegacySportType, V5SportType

    name = Copy()
    old_id = Copy("id")


class SportTypeMigration(NaturalKeyMigration):
    """Families of sports."""

    name, title, phase = "sport_types", "Sport types", 2
    root, root_entity = LegacySportType, "sport_type"
    mapping, mappings = SportTypeMapping, (SportTypeMapping,)

    def key(self, row: Any, env: Env) -> Any:
        return normal_key(row.name)

    target_key = staticmethod(lambda row: normal_key(row.name))


class SportMapping(Mapping):
    """4.3: matched by name within the sport type; icons come from `courses_icons`."""

    entity = "sport"
    source, target = LegacySport, V5Sport

    name = Copy()
    icon_prive = Given("icon of course type 2", uses=("courses_icons.icon",))
    icon_collective = Given("icon of course type 1", uses=("courses_icons.icon",))
    icon_activity = Given("icon of course type 3", uses=("courses_icons.icon",))
    icon_selected = Copy()
    icon_unselected = Copy()
    sport_type = Parent("sport_type", missing="SPORT_TYPE_UNKNOWN")
    old_id = Copy("id")


class SportMigration(NaturalKeyMigration):
    """Sports with their icons."""

    name, title, phase, after = "sports", "Sports", 2, ("sport_types",)
    root, root_entity = LegacySport, "sport"
    children = {
        "icons": Child(LegacyCourseIcon, "sport_id", "archive:courses_icons", inputs=("course_type_id",))
    }
    mapping, mappings = SportMapping, (SportMapping,)

    def facts(self, batch: RowBatch, read: Reader, env: Env) -> dict[str, Any]:
        types = {row[0] for row in read.legacy_sql("SELECT DISTINCT sport_type FROM sports")}
        env.known["sport_type"] |= read.known("sport_type", types)
        return super().facts(batch, read, env)

    def key(self, row: Any, env: Env) -> Any:
        return (normal_key(row.name), env.known["sport_type"].get(row.sport_type, -row.sport_type))

    target_key = staticmethod(lambda row: (normal_key(row.name), row.sport_type))

    def draft(self, aggregate: Aggregate, env: Env, unit: Unit) -> Entry:
        icons = {
            ICONS[icon.course_type_id]: icon.icon
            for icon in aggregate.rows("icons")
            if icon.course_type_id in ICONS
        }
        return unit.draft(SportMapping, aggregate.root, {name: icons.get(name) for name in ICONS.values()})

    def satellites(self, aggregate: Aggregate, env: Env, unit: Unit, entry: Entry) -> None:
        for icon in aggregate.rows("icons"):
            if icon.course_type_id in ICONS and entry.mapping is not None:
                unit.merge("archive:courses_icons", icon, entry)
            else:  # the V5 sport was there before and keeps its icons, or nobody knows the course type
                unit.skip("archive:courses_icons", icon, "NO_TARGET", under=entry)


class ServiceTypeMapping(Mapping):
    """4.4: matched by name."""

    entity = "service_type"
    source, target = LegacyServiceType, V5ServiceType

    name = Copy()
    created_at = Copy(convert=timestamp)
    updated_at = Copy(convert=timestamp)
    old_id = Copy("id")


class ServiceTypeMigration(NaturalKeyMigration):
    """Kinds of service around a station."""

    name, title, phase = "service_types", "Service types", 2
    root, root_entity = LegacyServiceType, "service_type"
    mapping, mappings = ServiceTypeMapping, (ServiceTypeMapping,)

    def key(self, row: Any, env: Env) -> Any:
        return normal_key(row.name)

    target_key = staticmethod(lambda row: normal_key(row.name))


class StationMapping(Mapping):
    """4.5: matched by name and country; countries and provinces become text (Q-09)."""

    entity = "station"
    source, target = LegacyStation, V5Station

    name = Copy()
    cp = Copy()
    city = Copy()
    country = Computed(geography.station_country, uses=("country_id",), rule="Q-09")
    province = Computed(geography.station_province, uses=("province_id",), rule="Q-09")
    address = Copy(convert=empty_when_null)
    image = Copy(convert=empty_when_null)
    map = Copy(convert=empty_when_null)
    latitude = Copy(convert=empty_when_null)
    longitude = Copy(convert=empty_when_null)
    num_hanger = Copy("percha", zero_when_null)
    num_chairlift = Copy("telesilla", zero_when_null)
    num_cabin = Copy("cabina", zero_when_null)
    num_cabin_large = Copy("cabina_grande", zero_when_null)
    num_fonicular = Copy("fonicular", zero_when_null)
    show_details = Copy(convert=flag)
    active = Copy(convert=flag)
    accuweather = Copy()
    created_at = Copy(convert=timestamp)
    updated_at = Copy(convert=timestamp)
    old_id = Copy("id")


class StationServiceMapping(Mapping):
    """4.4: businesses around a station."""

    entity = "station_service"
    source, target = LegacyStationService, V5StationService

    station_id = Given("V5 id of the station", uses=("station_id",))
    service_type_id = Parent("service_type", missing="PARENT_REJECTED")
    name = Copy()
    url = Copy()
    telephone = Copy()
    email = Copy()
    image = Copy(convert=empty_when_null)
    active = Copy(convert=flag)
    created_at = Copy(convert=timestamp)
    updated_at = Copy(convert=timestamp)
    deleted_at = Copy(convert=timestamp)
    old_id = Copy("id")


class StationMigration(NaturalKeyMigration):
    """Stations with their services."""

    name, title, phase, after = "stations", "Stations", 2, ("service_types",)
    root, root_entity = LegacyStation, "station"
    children = {
        "services": Child(LegacyStationService, "station_id", "station_service", orphan="STATION_UNKNOWN")
    }
    mapping, mappings = StationMapping, (StationMapping, StationServiceMapping)

    def facts(self, batch: RowBatch, read: Reader, env: Env) -> dict[str, Any]:
        places = geography.load(read)
        env.facts = {"places": places}
        return super().facts(batch, read, env) | {"places": places}

    def key(self, row: Any, env: Env) -> Any:
        return (normal_key(row.name), normal_key(geography.station_country(row, env)))

    target_key = staticmethod(lambda row: (normal_key(row.name), normal_key(row.country)))

    def satellites(self, aggregate: Aggregate, env: Env, unit: Unit, entry: Entry) -> None:
        for service in aggregate.rows("services"):
            unit.draft(StationServiceMapping, service, {"station_id": entry.v5_id}, under=entry)
