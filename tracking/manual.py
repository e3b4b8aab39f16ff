"""Checks that no query can make: they need the live applications, or what the tests of this release proved.

A person follows the steps, says what was seen and adds evidence; the statement becomes a verdict of phase 5.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class ManualCheck:
    """`severity` B or W as for other checks; `probes`: requests to the staging application help to answer it."""

    id: str
    title: Any
    how: Any
    severity: str
    steps: tuple[Any, ...]
    probes: bool = False


CHECKS: tuple[ManualCheck, ...] = (
    ManualCheck(
        "R-LOGIN", _("People can log in, and only where they may"),
        _("Real log-ins on a staging copy of the application, with a known password set on copied accounts."), "B",
        (
            _("Make a staging copy of V5. On the copy, set a known password on three accounts; never use a client's own."),
            _("Log in as an administrator and as a viewer: both reach their school, the viewer can change nothing."),
            _("Log in as a monitor: the calendar of the monitor opens."),
            _("Log in as a former administrator: the application refuses."),
            _("Log in as a person of two schools: exactly these two can be chosen."),
        ),
        probes=True,
    ),
    ManualCheck(
        "R-84", _("A person of two schools shows each school only what is its own"),
        _("The pages of one client and one monitor of two schools, opened from each of the two schools."), "B",
        (
            _("Choose a client and a monitor who belong to two schools: the trace names the schools of a record."),
            _("Open both from the first school: only its levels, notes and bookings are shown."),
            _("Open both from the second school and compare."),
        ),
        probes=True,
    ),
    ManualCheck(
        "R-85", _("The back office sees its own school and no other"),
        _("Each role of the back office in its own school and in another one, against the expected answers."), "W",
        (
            _("For each role, open the lists of clients, courses and bookings of its own school: they open."),
            _("With the same account ask for those of another school: the application refuses."),
            _("Write down each answer as allowed or refused; administrators are refused in other schools as well."),
        ),
        probes=True,
    ),
    ManualCheck(
        "R-91", _("An interrupted migration ends like an undisturbed one"),
        _("Workers and databases are killed at random points; the result is held against that of a quiet run."), "B",
        (
            _("Run the acceptance tests of this release on the kind of server that is used: make test."),
            _("Kill a worker during the rehearsal, wait for the takeover and let the run end."),
            _("Add the outcome of the tests and the run's page as evidence."),
        ),
    ),
    ManualCheck(
        "R-96", _("The same source gives the same result"),
        _("The same source moved with another batch size and another number of workers gives equal content."), "B",
        (
            _("Run the acceptance tests of this release: they move one source with different batches and workers."),
            _("Add the outcome of the tests as evidence."),
        ),
    ),
    ManualCheck(
        "R-97", _("The application works with what was moved"),
        _("The everyday paths through the staging application; no page fails."), "B",
        (
            _("Check a user name, log in for the first time, choose a school and a season, open the own profile."),
            _("Open list and detail of clients, courses, monitors and bookings, and the overview of the season."),
            _("Make one booking, cancel one, and pay one with a voucher."),
            _("No page answers with an error of the server."),
        ),
        probes=True,
    ),
    ManualCheck(
        "R-98", _("Both systems stay equal while they run side by side"),
        _("Totals, cancelled money, voucher liability and participants, compared each day of parallel operation."), "W",
        (
            _("Skip this with “does not apply” when legacy is switched off at cut-over."),
            _("Each day run the checks R-30, R-41, R-49 and R-101 after the latest changes were moved."),
            _("What differs is explained by changes that still wait to be moved."),
        ),
    ),
    ManualCheck(
        "R-99", _("The move had no side effects"),
        _("Mails, activity logs, jobs and scheduled changes before the move and a day after it."), "W",
        (
            _("Count mails, activity log, booking log, jobs and failed jobs of V5 before and after the move."),
            _("No mail was queued or sent, and none of the logs grew through the move."),
            _("After 24 hours run the checks again: no scheduled job changed what was moved."),
        ),
    ),
)  # fmt: skip
BY_ID = {one.id: one for one in CHECKS}
