"""The values of one V5 course, from an umbrella with members, from a stand-alone or from a private row (4.15, 4.16)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from entities.courses import prices
from entities.courses.builder import Builder, Product, text
from entities.courses.facts import Facts
from entities.courses.family import Family
from entities.courses.sessions import Calendar
from entities.courses.windows import Window
from entities.engine import normalise
from entities.engine.environment import Env
from tracking.sentences import sentence


def grouped(family: Family, calendar: Calendar, facts: Facts, env: Env, image: Callable[[Any], str | None],
            discount_rows: list[Any]) -> Product:  # fmt: skip
    """Shape A, with or without its umbrella."""
    build = Builder(family, facts, env, image)
    umbrella, first, product = family.umbrella, build.first, build.product
    build.common(calendar)
    build.booking_window()
    build.flags()
    build.stamps(*([umbrella] if umbrella else []), *family.members)
    build.season(_service_days(calendar, build))
    texts = {
        name: text(umbrella, f"{name}_global") or text(first, name)
        for name in ("name", "short_description", "description")
    }
    if umbrella is None or umbrella.price_global is None:
        price = build.read(normalise.price, first, "price")
    else:
        price = build.read(normalise.price, umbrella, "price_global")
    product.values |= {
        **texts, "price": price, "settings": {}, "price_range": None, "discounts": None,
        "is_flexible": 0, "old_id": family.group_id, "legacy_id": None,
    }  # fmt: skip
    if umbrella is None:
        product.warn(
            "UMBRELLA_MISSING",
            "group_id",
            sentence("umbrella %(group)s does not exist; the members stand for it", group=family.group_id),
        )
    else:
        _umbrella_only(build, calendar, discount_rows)
    return product


def _service_days(calendar: Calendar, build: Builder) -> list[str]:
    """The dates that tell the season: the live ones, else all; without any, the first day of the course."""
    first = build.product.values["date_start"]
    return [day.date for day in calendar.range_days] or ([first] if first else [])


def _umbrella_only(build: Builder, calendar: Calendar, discount_rows: list[Any]) -> None:
    umbrella, product = build.family.umbrella, build.product
    if calendar.unreadable:
        product.warn(
            "SESSIONS_UNREADABLE",
            "dates_global",
            sentence("the list of sessions cannot be read, or not all of it"),
        )
    if calendar.unpaired:
        product.warn(
            "SESSION_WITHOUT_GROUPS",
            "dates_global",
            sentence("%(n)s sessions have no classes", n=len(calendar.unpaired)),
        )
    for name in ("date_start", "date_end"):
        stored = getattr(umbrella, f"{name}_global")
        if stored and str(stored)[:10] != product.values[name]:
            product.keep[f"{name}_global"] = str(stored)
    if umbrella.is_definitive:
        return
    found = prices.discounts(
        discount_rows, len(calendar.range_days), build.env.choices.of("discounts") == "convert"
    )
    product.values["discounts"] = found.json
    product.used_prices |= found.used
    for code in found.warnings:
        product.warn(code, "discounts", sentence("see the discounts of the course"))


def alone(
    family: Family, calendar: Calendar, facts: Facts, env: Env, image: Callable[[Any], str | None]
) -> Product:
    """Shape B: one row, all its dates sold as a whole."""
    build = Builder(family, facts, env, image)
    row = build.first
    build.common(calendar)
    _own(build, row)
    build.season(_service_days(calendar, build))
    by_flag = env.choices.of("standalone_flexible", school=row.school_id) == "duration_flexible"
    build.product.values |= {
        "is_flexible": int(bool(by_flag and row.duration_flexible)),
        "settings": {},
        "price_range": None,
    }
    return build.product


def private(family: Family, window: Window, facts: Facts, env: Env, image: Callable[[Any], str | None],
            booked: Iterable[str]) -> Product:  # fmt: skip
    """4.16: bookable by day. `booked` are the dates of its live lessons (Q-28)."""
    build = Builder(family, facts, env, image)
    row, product = build.first, build.product
    build.common(Calendar())
    _own(build, row)
    build.season(list(booked) or [date for date, _ in window.days()])
    product.values |= {
        "date_start": window.first, "date_end": window.last, "hour_min": window.opens, "hour_max": window.closes,
        "is_flexible": int(bool(row.duration_flexible)), "settings": {"weekDays": window.weekdays},
    }  # fmt: skip
    product.warnings = [one for one in product.warnings if one[0] != "NO_DATES"]
    for code, name in window.problems:
        product.warn(code, name, sentence("see the period, the hours and the days of the week of the course"))
    _grid(build, row)
    return product


def _own(build: Builder, row: Any) -> None:
    """What a course copies from its only row."""
    build.booking_window()
    build.flags()
    build.stamps(row)
    build.product.values |= {
        "name": text(row, "name"), "short_description": text(row, "short_description"),
        "description": text(row, "description"), "price": build.read(normalise.price, row, "price"),
        "old_id": row.id, "legacy_id": row.id, "discounts": None,
    }  # fmt: skip


def _grid(build: Builder, row: Any) -> None:
    """Own grid; a flexible course without one has the default grid of its school."""
    found = prices.grid(build.family.rows("prices", row), row.max_participants)
    build.product.used_prices |= found.used
    if found.json is None and row.duration_flexible:
        found = prices.grid(build.facts.default_prices.get(row.school_id, ()), row.max_participants)
    build.product.values["price_range"] = found.json
    for code in found.warnings:
        build.product.warn(
            code,
            "price_range",
            sentence("two prices for one duration and number of people; the newer one counts"),
        )
