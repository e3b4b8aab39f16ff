"""Questions that a person answers before production, with why: their default is a guess about this client (section 7).

An answer counts, be it the default: for all schools or, where schools may differ, for every school of the wave.
"""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

REQUIRED: dict[str, Promise] = {
    "Q-01": _("only the client knows the time zones of the two databases"),
    "Q-02": _("converting columns of V5 needs a person's approval"),
    "Q-05": _("a person names each super-administrator"),
    "Q-06": _("an invented date of birth would be taken for a real one"),
    "Q-07": _("amounts without a currency are counted in this one"),
    "Q-08": _("the order of names is a guess until each school confirms it"),
    "Q-10": _("only the client knows which schools are test schools"),
    "Q-11": _("the language of a school's mails is recorded nowhere"),
    "Q-13": _("legacy has no seasons; where they are cut decides about every report"),
    "Q-14": _("people can work in V5 only while a season is active"),
    "Q-29": _("some courses are known to run on other days than legacy says"),
    "Q-42": _("whether a voucher counts as paid is money"),
}
