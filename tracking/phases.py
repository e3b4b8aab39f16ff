"""What each of the six phases is for, and its steps, in the words of the strategy (Phase-by-Phase Implementation Plan)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class About:
    """`goal` in one sentence; `steps` in order; `built` False: the panel has nothing to run for it yet."""

    goal: Any
    steps: tuple[Any, ...]
    built: bool = True


ABOUT: dict[int, About] = {
    1: About(
        _("Make sure that nothing stands in the way: databases, choices, a way back."),
        (
            _("Prepare V5: id map, archive and the added columns."),
            _("Decide the choices with the client."),
            _("Record backups of V5 and legacy."),
            _("Run the pre-flight until it is green."),
        ),
    ),
    2: About(
        _("Move what everything else refers to: languages, sports, stations, schools, seasons."),
        (
            _("Languages, sport types, sports, service types, stations."),
            _("Schools with their settings."),
            _("Seasons, also for the past that had none."),
        ),
    ),
    3: About(
        _("Move people and what they may do, so that they can log in to V5 with the password they have."),
        (
            _("Levels and goals of each school."),
            _("Accounts: back office, clients, monitors."),
            _("Clients and monitors with their schools, languages, levels and notes."),
        ),
    ),
    4: About(
        _("Move courses, bookings and money, equal to the cent."),
        (
            _("Courses with dates, groups and subgroups."),
            _("Vouchers and their balance."),
            _("Bookings with lines, payments and notes; then everything that refers to them."),
            _("The archive of rows that have no place in V5."),
        ),
    ),
    5: About(
        _("Prove that what arrived is what left: rows, money, people, calendar."),
        (
            _("Compare both databases check by check."),
            _("Let the schools look at their figures."),
            _("Rehearse the way back."),
        ),
    ),
    6: About(
        _("Switch over and watch."),
        (
            _("Move what changed since, one last time."),
            _("Switch the schools to V5."),
            _("Watch, and help the people who work with it."),
        ),
        built=False,
    ),
}
