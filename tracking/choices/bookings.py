"""Choices about bookings, payments and vouchers."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from .compound import Composite, Table
from .kinds import Text
from .question import Question, one_of

# The level words the V5 API asks for are not in the old data; the operator supplies them.
_LEVEL_WORD = Text(r"[a-z][a-z_ -]{0,49}", _("a level word"), case="lower")

BOOKINGS = (
    Question(
        "Q-34",
        "booking_targets",
        _("Into which of the two booking lists of the new system do bookings go?"),
        one_of(
            "*",
            both=_("both"),
            operational=_("the operational one only"),
            v5=_("the V5 one, with the operational rows it needs"),
        ),
        "both",
    ),
    Question(
        "Q-35",
        "missing_client",
        _("What if the payer, a participant or the owner of a voucher is unknown?"),
        one_of(
            "*",
            placeholder=_("one stand-in per school when money or a lesson is at stake, else kept back"),
            reject=_("always kept back until a person decides"),
        ),
        "placeholder",
        per_school=True,
    ),
    Question(
        "Q-36",
        "empty_bookings",
        _("What happens to a booking without participants?"),
        one_of(
            if_money=_("moved when money is attached, else left out"), migrate=_("moved"), skip=_("left out")
        ),
        "if_money",
        per_school=True,
    ),
    Question(
        "Q-37",
        "unpaid_checkouts",
        _("What happens to card payments that the client abandoned?"),
        one_of(cancelled=_("moved as cancelled"), skip=_("left out")),
        "cancelled",
        per_school=True,
    ),
    Question(
        "Q-38",
        "past_unpaid",
        _("Which state do bookings get whose lessons are over and which were never paid?"),
        one_of("*", completed=_("completed, flagged"), confirmed=_("confirmed, flagged")),
        "completed",
        per_school=True,
    ),
    Question(
        "Q-39",
        "future_link_payment",
        _("Which state do bookings get that wait for a payment by link?"),
        one_of(
            "*",
            confirmed=_("confirmed, flagged"),
            pending=_("pending; the new system cancels such bookings after a day"),
        ),
        "confirmed",
        per_school=True,
    ),
    Question(
        "Q-42",
        "voucher_payed",
        _("What does the mark for a paid voucher become?"),
        one_of("*", verbatim=_("the same mark"), used_up=_("set when nothing is left on the voucher")),
        "verbatim",
    ),
    Question(
        "Q-43",
        "cancelled_paid_amount",
        _("Which amount counts as received for a paid, then cancelled booking?"),
        one_of("*", today=_("today's total, flagged"), none=_("no payment is written, flagged")),
        "today",
        per_school=True,
    ),
    Question(
        "Q-47",
        "participant_json",
        _("What stands in the list of participants where the old system knows nothing?"),
        Composite(
            {
                "unknown_keys": one_of(
                    omit=_("the entry is left out"), null=_("the entry is there and empty")
                ),
                "level_words": Table(_LEVEL_WORD),
            }
        ),
        {"unknown_keys": "omit", "level_words": {}},
        per_school=True,
    ),
)
