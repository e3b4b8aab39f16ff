"""The twelve criteria of the strategy, with the checks that measure them.

`needed` are the checks without which nothing is claimed; `also` are further numbers of checks R-nn, and `prefixes` further
checks, that must not fail.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from tracking.performance import SCENARIOS

DATA, FUNCTIONS, TECHNICAL = _("Data migration"), _("System functionality"), _("Technical")
SPEED = tuple(one.check for one in SCENARIOS.values())


@dataclass(frozen=True)
class Criterion:
    """One criterion. `target` says when it is met. `by_a_person`: somebody has to say so as well, with evidence.

    `live` names a measurement that is taken when the page is opened. `full_only`: a verdict with a doubt is none.
    """

    key: str
    group: Any
    title: Any
    target: Any
    needed: tuple[str, ...] = ()
    also: tuple[range, ...] = ()
    prefixes: tuple[str, ...] = ()
    by_a_person: bool = False
    live: str = ""
    full_only: bool = False


ALL: tuple[Criterion, ...] = (
    Criterion(
        "zero-loss", DATA, _("100% data migration with zero loss"),
        _("Every legacy row has an outcome, every moved row is there, and every field of it is as it has to be."),
        ("R-01", "R-02", "R-03", "R-04", "R-10", "C-users", "C-clients", "C-courses", "C-vouchers", "C-bookings"),
        (range(1, 20), range(29, 30), range(71, 72), range(73, 80), range(90, 92), range(94, 97)), prefixes=("C-",),
    ),
    Criterion(
        "relations", DATA, _("All relationships preserved and validated"),
        _("No reference leads nowhere or into another school."),
        ("R-60", "R-72", "R-80"), (range(52, 59), range(60, 65), range(80, 84)),
    ),
    Criterion(
        "money", DATA, _("Financial data accuracy"),
        _("Totals, payments and vouchers are equal to the cent; the strategy would tolerate 0.01 per cent."),
        ("R-30", "R-31", "R-35", "R-42", "R-49"), (range(30, 50),),
    ),
    Criterion(
        "speed", DATA, _("Performance within acceptable limits"),
        _("Under the strategy's load V5 answers in less than twice the time of legacy, in all four scenarios."),
        SPEED, full_only=True,
    ),
    Criterion(
        "processes", FUNCTIONS, _("All critical business processes functional"),
        _("Bookings, courses and prices obey the rules, and somebody walked through the processes in the application."),
        ("R-50", "R-51", "R-60", "R-69", "R-97"), (range(50, 70), range(99, 100)),
    ),
    Criterion(
        "login", FUNCTIONS, _("User authentication and authorization working"),
        _("Log-ins are unique, passwords kept, nobody gained a right, and log-ins were tried in the application."),
        ("R-20", "R-22", "R-23", "R-27", "R-28", "R-LOGIN"), (range(20, 29), range(84, 86)),
    ),
    Criterion(
        "bookings", FUNCTIONS, _("Booking system fully operational"),
        _("Every booking has its participants, dates and payments, and a booking was made and cancelled in V5."),
        ("R-50", "R-51", "R-56", "R-5M", "R-97"), (range(50, 60),),
    ),
    Criterion(
        "reports", FUNCTIONS, _("Reporting and analytics accurate"),
        _("The business figures of both sides are equal."),
        ("R-100", "R-101", "R-104", "R-105"), (range(100, 109),),
    ),
    Criterion(
        "database", TECHNICAL, _("Database performance optimized"),
        _("No measurement is too slow, and somebody looked through indexes and slow statements of V5."),
        SPEED, by_a_person=True, full_only=True,
    ),
    Criterion(
        "monitoring", TECHNICAL, _("Monitoring and alerting operational"),
        _("Workers report, the queue answers, and alerts are looked for."), live="monitoring",
    ),
    Criterion(
        "rollback", TECHNICAL, _("Rollback procedures tested and verified"),
        _("A rollback was rehearsed and proven, and a backup was restored for a test."), ("R-92",), live="restore",
    ),
    Criterion(
        "documents", TECHNICAL, _("Documentation complete and accurate"),
        _("Somebody read operator guide, runbooks and decisions of this wave and vouches for them."), by_a_person=True,
    ),
)  # fmt: skip


def by_key(key: str) -> Criterion | None:
    return next((one for one in ALL if one.key == key), None)
