"""Which legacy text ends in which V5 columns: what the encoding scan goes by (GR-11).

One place, until the declarations of the entities offer the same. Names may change places (Q-08), so a name
flows into both name columns of all three tables.
"""

from __future__ import annotations

_PEOPLE = ("users", "clients", "monitors")
_NAMES = tuple(f"{table}.{column}" for table in _PEOPLE for column in ("first_name", "last_name"))


def _same(table: str, *columns: str, target: str = "") -> dict[str, tuple[str, ...]]:
    return {f"{table}.{column}": (f"{target or table}.{column}",) for column in columns}


def _clients_and_monitors(*columns: str) -> dict[str, tuple[str, ...]]:
    return {f"users.{column}": (f"clients.{column}", f"monitors.{column}") for column in columns}


def _observations(*columns: str) -> dict[str, tuple[str, ...]]:
    both = ("client_observations", "monitor_observations")
    return {f"user_observations.{column}": tuple(f"{table}.{column}" for table in both) for column in columns}


FLOW: dict[str, tuple[str, ...]] = {
    **_same("languages", "name", "code"),
    **_same("sport_types", "name"),
    **_same("sports", "name", "icon_selected", "icon_unselected"),
    "courses_icons.icon": ("sports.icon_prive", "sports.icon_collective", "sports.icon_activity"),
    **_same("service_type", "name"),
    **_same(
        "stations", "name", "address", "cp", "city", "latitude", "longitude", "image", "map", "accuweather"
    ),
    **_same("station_services", "name", "url", "telephone", "email", "image", target="station_service"),
    "countries.name": ("stations.country", "schools.contact_country", "schools.fiscal_country"),
    "provinces.name": ("stations.province", "schools.contact_province", "schools.fiscal_province"),
    **_same(
        "schools",
        *("name", "description", "contact_email", "contact_phone", "contact_telephone", "contact_address"),
        *(
            "contact_cp",
            "contact_city",
            "fiscal_name",
            "fiscal_id",
            "fiscal_address",
            "fiscal_cp",
            "fiscal_city",
        ),
        *("iban", "logo", "slug", "conditions_url", "type"),
    ),
    **_same("school_colors", "name", "color"),
    **_same("school_salary_levels", "name"),
    **_same("tasks", "name"),
    **_same("task_checks", "text"),
    **_same("mails", "type", "subject", "body"),
    "degrees_school_sport.name": ("degrees.name",),
    "degrees_school_sport.annotation": ("degrees.annotation",),
    **_same("degrees", "league", "level", "color"),
    **_same("degrees_school_sport_goals", "name"),
    "users.username": ("users.username",),
    "users.email": tuple(f"{table}.email" for table in _PEOPLE),
    "users.first_name": _NAMES,
    "users.last_name": _NAMES,
    "users.image": tuple(f"{table}.image" for table in _PEOPLE),
    **_clients_and_monitors("phone", "telephone", "address", "cp", "city"),
    **_observations("general", "notes", "historical"),
    "blocks.reason": ("client_observations.general", "client_observations.notes"),
    **_same("evaluations", "observations"),
    "evaluation_files.image": ("evaluation_files.file", "evaluation_files.name"),
    **{
        f"user_work_details.{column}": (f"monitors.{column}",)
        for column in ("avs", "work_license", "bank_details", "civil_status", "partner_work_license")
    },
    **_same("user_nwd", "description", "color", target="monitor_nwd"),
    "course_globals.name_global": ("courses.name",),
    "course_globals.short_description_global": ("courses.short_description",),
    "course_globals.description_global": ("courses.description",),
    **_same("courses2", "name", "short_description", "description", "image", "currency", target="courses"),
    **_same("course_groups2", "observations", target="course_groups"),
    "bookings2.notes": ("bookings.notes", "v5_bookings.notes"),
    "bookings2.payrexx_reference": (
        *("bookings.payrexx_reference", "payments.payrexx_reference"),
        "v5_booking_payments.gateway_reference",
    ),
    **_same("bookings2", "color", "currency", target="bookings"),
    **_same("booking_users2", "color", "currency", target="booking_users"),
    **_same("vouchers", "code", "payrexx_reference"),
}


def by_legacy_table() -> dict[str, dict[str, tuple[tuple[str, str], ...]]]:
    """legacy table -> legacy column -> the (V5 table, V5 column) pairs it flows into."""
    tables: dict[str, dict[str, tuple[tuple[str, str], ...]]] = {}
    for source, targets in FLOW.items():
        table, column = source.split(".")
        pairs = tuple((name.split(".")[0], name.split(".")[1]) for name in targets)
        tables.setdefault(table, {})[column] = pairs
    return tables
