"""Names, addresses, marks, keys, amounts, currencies and character sets."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entities.engine import normalise
from entities.engine.errors import BadValue


def refused(function, *arguments):
    with pytest.raises(BadValue) as refusal:
        function(*arguments)
    return refusal.value.code


@pytest.mark.parametrize(
    "value, address",
    [
        (None, None),
        ("", None),
        ("  \u200b ", None),
        (" Anna.Meier@Example.CH ", "anna.meier@example.ch"),
        ("anna@\u200bexample.ch\ufeff", "anna@example.ch"),
        ("o'hara+ski@mail.example.co.uk", "o'hara+ski@mail.example.co.uk"),
        ("zoë@müller.ch", "zoë@müller.ch"),
        ("a@b.xn--p1ai", "a@b.xn--p1ai"),
    ],
)
def test_email(value, address):
    assert normalise.email(value) == address


@pytest.mark.parametrize(
    "value",
    ["anna", "anna@", "@example.ch", "anna@example", "an na@example.ch", "a@b@example.ch", "a..b@example.ch",
     ".a@example.ch", "a.@example.ch", "a@-example.ch", "a@example..ch", "a@example.c", "a@exam_ple.ch",
     "a@b.ch, c@d.ch", "x" * 250 + "@a.ch"],
)  # fmt: skip
def test_email_that_cannot_be(value):
    with pytest.raises(BadValue) as refusal:
        normalise.email(value)
    assert refusal.value.code == "EMAIL_INVALID"
    assert value not in str(refusal.value), "messages carry no personal data"


def test_a_hostile_address_is_refused_quickly():
    assert refused(normalise.email, "a@" + "a-" * 110 + "!") == "EMAIL_INVALID"


@pytest.mark.parametrize(
    "value, mark",
    [(1, 1), ("1", 1), (True, 1), ("true", 1), (Decimal(1), 1)]
    + [(value, 0) for value in (0, "0", None, "", 2, "2", "yes", False, -1)],
)
def test_flag(value, mark):
    assert normalise.flag(value) == mark


@pytest.mark.parametrize(
    "first, last, swap, name",
    [
        (" Anna  Maria ", "Meier\t", False, ("Anna Maria", "Meier")),
        ("Meier", "Anna", True, ("Anna", "Meier")),
        (None, "Meier", False, ("", "Meier")),
        ("Anna", "", True, ("", "Anna")),
        (None, "  ", False, ("Unknown", "")),
        ("", None, True, ("Unknown", "")),
    ],
)
def test_person_name(first, last, swap, name):
    assert normalise.person_name(first, last, swap) == name
    assert normalise.is_unknown(name) == (name[0] == "Unknown")


@given(st.text(), st.text())
def test_swapping_names_twice_gives_them_back(first, last):
    once = normalise.person_name(first, last)
    if not normalise.is_unknown(once):
        assert normalise.person_name(*normalise.person_name(first, last, True), True) == once


@pytest.mark.parametrize(
    "function, value, result",
    [
        (normalise.trimmed, " a  b ", "a  b"),
        (normalise.trimmed, "", ""),
        (normalise.trimmed, None, None),
        (normalise.trimmed, 7, "7"),
        (normalise.filled, "  ", None),
        (normalise.filled, " a ", "a"),
        (normalise.collapsed, " a \n b ", "a b"),
        (normalise.collapsed, None, None),
        (normalise.collapsed, 7, "7"),
        (normalise.normal_key, "  École\u00a0 de  SKI ", "école de ski"),
        (normalise.normal_key, None, ""),
        (normalise.normal_key, "Straße", "strasse"),
        (normalise.code, " aB-12 ", "aB-12"),
        (normalise.code, None, None),
        (normalise.code_key, " aB-12 ", "AB-12"),
        (normalise.code_key, None, ""),
        (normalise.slug, " École de Ski -- Zürich! ", "ecole-de-ski-zurich"),
        (normalise.slug, "Łyżwy & Straße", "lyzwy-strasse"),
        (normalise.slug, "Сочи", "sochi"),
        (normalise.slug, "???", None),
        (normalise.slug, None, None),
    ],
)
def test_texts_and_keys(function, value, result):
    assert function(value) == result


@given(st.text())
def test_texts_once_clean_stay_clean(text):
    for function in (normalise.trimmed, normalise.collapsed, normalise.normal_key, normalise.slug):
        assert function(function(text)) == function(text)


@pytest.mark.parametrize(
    "value, sum_",
    [
        (None, None),
        (Decimal("10"), "10.00"),
        (Decimal("0.005"), "0.01"),
        (Decimal("-0.005"), "-0.01"),
        (Decimal("2.675"), "2.68"),
        (2.675, "2.68"),
        (" 12.5 ", "12.50"),
        (7, "7.00"),
        (Decimal("-0.001"), "0.00"),
    ],
)
def test_money_is_rounded_half_up(value, sum_):
    found = normalise.money(value)
    assert (found if found is None else str(found)) == sum_


@pytest.mark.parametrize(
    "value", ["", "ten", "1,5", "NaN", "Infinity", Decimal("NaN"), "1e400", "1e16", "sNaN"]
)
def test_money_that_cannot_be(value):
    assert refused(normalise.money, value) == "PRICE_UNKNOWN"


def test_a_missing_price_is_refused_and_a_missing_amount_is_zero():
    assert refused(normalise.price, None) == "PRICE_UNKNOWN"
    assert normalise.price("3") == Decimal("3.00")
    assert normalise.amount(None) == Decimal("0.00")
    assert normalise.amount("3.999") == Decimal("4.00")


def test_the_first_currency_of_three_letters_counts():
    assert normalise.currency("chf", "EUR", default="USD") == "CHF"
    assert normalise.currency(None, "", "CH", "€", 756, " eur ", default="USD") == "EUR"
    assert normalise.currency(None, "ÉÉÉ", default="CHF") == "CHF"
    assert normalise.currency(None) is None


def test_one_booking_has_one_currency():
    assert normalise.one_currency(["chf", None, "CHF "]) == "CHF"
    assert normalise.one_currency([None, ""]) is None
    assert refused(normalise.one_currency, ["CHF", "EUR"]) == "MIXED_CURRENCY"


@given(st.decimals(-(10**6), 10**6, places=2), st.integers(1, 400))
def test_a_spread_amount_is_whole_and_even(total, parts):
    shares = normalise.spread(total, parts)
    assert len(shares) == parts
    assert sum(shares) == total
    assert max(shares) - min(shares) <= normalise.CENT


def test_nothing_can_be_spread_over_no_part():
    with pytest.raises(ValueError, match="at least one"):
        normalise.spread(Decimal(1), 0)


@pytest.mark.parametrize(
    "text, charset, fits",
    [
        ("é ü €“ œ", "latin1", True),
        ("\x81 é", "latin1", True),
        ("Łukasz", "latin1", False),
        ("\x81 Ł", "latin1", False),
        ("Иван", "latin1", False),
        ("😀", "latin1", False),
        ("Иван", "utf8mb3", True),
        ("😀", "utf8", False),
        ("😀", "utf8mb4", True),
        ("é", "ascii", False),
        ("plain", "ascii", True),
    ],
)
def test_what_a_column_can_hold(text, charset, fits):
    assert normalise.encodable(text, charset) is fits


@pytest.mark.parametrize(
    "text, charset, written",
    [
        ("Łukasz Dvořák", "latin1", "Lukasz Dvorák"),
        ("Zoë €", "latin1", "Zoë €"),
        ("Zoe\u0308", "latin1", "Zoë"),
        ("Иван Щукин", "latin1", "Ivan Shchukin"),
        ("Νίκος", "latin1", "Nikos"),
        ("Bravo 😀!", "latin1", "Bravo ?!"),
        ("Иван 😀", "utf8mb3", "Иван ?"),
        ("Иван 😀", "utf8mb4", "Иван 😀"),
        ("1⁄2 № 5 ﬁn", "latin1", "1/2 No. 5 fin"),
        ("a\u200db\u0301c", "latin1", "abc"),
        ("Straße", "ascii", "Strasse"),
    ],
)
def test_other_letters_for_what_does_not_fit(text, charset, written):
    assert normalise.transliterate(text, charset) == written


@given(st.text(), st.sampled_from(["latin1", "utf8mb3", "utf8mb4", "ascii"]))
def test_what_was_transliterated_fits_and_stays(text, charset):
    written = normalise.transliterate(text, charset)
    assert normalise.encodable(written, charset)
    assert normalise.transliterate(written, charset) == written
    if normalise.encodable(text, charset):
        assert written == text


@pytest.mark.parametrize(
    "text, repaired",
    [
        ("CafÃ©", "Café"),
        ("ZÃ¼rich und Zürich", "Zürich und Zürich"),
        ("â‚¬ 20", "€ 20"),
        ("Ð˜Ð²Ð°Ð½", "Иван"),
        ("Ð\x98Ð²Ð°Ð½", "Иван"),
        ("ðŸ˜€", "😀"),
        ("CafÃƒÂ©", "Café"),
    ],
)
def test_double_encoded_text_is_found_and_repaired(text, repaired):
    assert normalise.is_mojibake(text)
    assert normalise.repair_mojibake(text) == repaired


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Meier",
        "Café Zürich",
        "voilà\u00a0»",
        "Łukasz",
        "Иван",
        "😀",
        "ÃÃ",
        "Â",
        "ä–“",
        "CAFÉ…",
        "né»…",
        "ß€",
    ],
)
def test_clean_text_is_left_alone(text):
    assert not normalise.is_mojibake(text)
    assert normalise.repair_mojibake(text) == text


@given(st.text(st.sampled_from("aZ éüçàñßøŁЖ€😀-'"), max_size=20))
def test_what_was_encoded_twice_comes_back(text):
    broken = "".join(bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in text.encode())
    assert normalise.repair_mojibake(broken) == text
