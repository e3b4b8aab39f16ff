"""Warnings about prices, payments and vouchers."""

from django.utils.translation import gettext_lazy as _

from .base import Code, Level


def _warning(name, sentence, next_step) -> Code:
    return Code(name, Level.WARNING, sentence, next_step)


MONEY_WARNINGS = (
    _warning(
        "DISCOUNT_GAP",
        _("The discount is not given for every number of days; the last one before the gap was carried on."),
        _("Check the discounts of the course."),
    ),
    _warning(
        "DISCOUNT_SHAPE",
        _("The discounts only add up with a single day below nothing or above full price."),
        _("Check the discounts of the course."),
    ),
    _warning(
        "PRICE_DUPLICATE",
        _("The price list names two prices for one duration and number of people; the latest was taken."),
        _("Check the price list of the course."),
    ),
    _warning(
        "CURRENCY_ASSUMED",
        _("No currency is stored with the amount; the default of the school was taken."),
        _("Check the currency."),
    ),
    _warning(
        "PAYMENT_METHOD_UNKNOWN",
        _("The way of paying is unknown and was left empty; the original number is kept."),
        _("Choose the way of paying if it is known."),
    ),
    _warning(
        "PAST_UNPAID",
        _("The lesson is over and was never marked as paid."),
        _("Ask the school whether the money came in."),
    ),
    _warning(
        "AWAITING_PAYMENT",
        _("The booking waits for a payment by link and is kept as confirmed."),
        _("Follow the payment up with the school."),
    ),
    _warning(
        "PAID_WITHOUT_METHOD",
        _("The booking is marked as paid, but its way of paying is: no payment."),
        _("Ask the school how the amount was settled."),
    ),
    _warning(
        "OVERPAID_BY_VOUCHER",
        _("Vouchers worth more than the price were used on the booking."),
        _("Check with the school whether the client is owed the difference."),
    ),
    _warning(
        "TOTAL_AFTER_CANCELLATION",
        _("The booking was cancelled and its old total is gone; today's total was taken as the amount paid."),
        _("Compare with the payment provider where it matters."),
    ),
    _warning(
        "GATEWAY_DIFFERENCE",
        _("The payment provider received another amount than the booking says."),
        _("Compare with the payment provider."),
    ),
    Code(
        "UNPAID_CHECKOUT",
        Level.WARNING,
        _("The client left before paying by card, and the booking was cancelled."),
        _("Nothing to do."),
        also=(Level.CAUSE,),
    ),
    _warning(
        "VOUCHER_BALANCE",
        _("What is left on the voucher does not follow from its uses; the stored balance was kept."),
        _("Check the voucher with the school."),
    ),
    _warning(
        "CODE_SUFFIXED",
        _("Two vouchers of the school have the same code; the newer one got a number at the end."),
        _("Tell the school, since the client holds the printed code."),
    ),
)
