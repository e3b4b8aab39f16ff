"""Bookings, lines, voucher logs, payments and their projection (4.20 to 4.24), as pure transforms."""

from decimal import Decimal

import pytest

from entities.bookings.facts import Facts
from entities.bookings.legacy import LegacyBooking, LegacyBookingLine
from entities.bookings.migration import BookingMigration
from entities.courses.resolver import Place, PrivateAnswer
from entities.seasons.resolver import Season, Seasons
from entities.vouchers.legacy import LegacyVoucherLog
from tests.rows import environment, outcome, row, transformed, values, warnings

MONEY = Decimal


class Lessons:
    """Places by legacy subgroup, answers by legacy line, a live class to move to."""

    def __init__(self, places=None, relinked=None, rejected=""):
        self.places, self.other, self.reason = places or {}, relinked, rejected

    def subgroups(self, subgroup_id):
        return self.places.get(subgroup_id, [])

    def relinked(self, line, place):
        return self.other

    def rejected(self, subgroup_id):
        return self.reason


def place(date="2026-02-01", **more):
    base = {
        "course_id": 300, "course_date_id": 310, "date": date, "hour_start": "09:00:00", "hour_end": "11:00:00",
        "group_id": 320, "subgroup_id": 330, "degree_id": 8, "monitor_id": 9, "school_id": 20, "course_type": 1,
        "trashed": False, "date_live": True, "max_participants": 10,
    }  # fmt: skip
    return Place(**base | more)


def private_place(**more):
    return place(
        **{"group_id": None, "subgroup_id": None, "degree_id": None, "monitor_id": None, "course_type": 2}
        | more
    )


def booking(**more):
    base = {
        "id": 4, "school_id": 2, "user_main_id": 7, "price_total": MONEY("80.00"), "has_cancellation_insurance": 0,
        "price_cancellation_insurance": MONEY("0.00"), "currency": "CHF", "payment_method_id": 1, "paid": 1, "notes": "",
        "attendance": 1, "is_past": 0, "paxes": 0, "payrexx_reference": "Boukii #4",
        "created_at": "2025-12-01 08:00:00", "updated_at": "2025-12-02 08:00:00",
    }  # fmt: skip
    return row(LegacyBooking, **base | more)


def line(**more):
    base = {
        "id": 40, "booking2_id": 4, "user_id": 7, "price": MONEY("80.00"), "currency": "CHF",
        "course_groups_subgroup2_id": 33, "attended": 0, "created_at": "2025-12-01 08:00:00",
        "updated_at": "2025-12-01 08:00:00",
    }  # fmt: skip
    return row(LegacyBookingLine, **base | more)


def log(**more):
    base = {
        "id": 60,
        "voucher_id": 6,
        "booking_id": 4,
        "amount": MONEY("30.00"),
        "created_at": "2025-12-01 09:00:00",
    }
    return row(LegacyVoucherLog, **base | more)


def move(
    one=None,
    lines=None,
    logs=(),
    *,
    choices=None,
    lessons=None,
    private=None,
    levels=None,
    people=None,
    **more,
):
    facts = Facts(
        lessons=lessons or Lessons({33: [place()]}), private=private or {}, sports={300: 1},
        seasons=Seasons({2: [
            Season(50, "2024/2025", "2024-09-01", "2025-08-31"), Season(51, "2025/2026", "2025-09-01", "2026-08-31")]}),
        stand_ins=more.pop("stand_ins", {}), people=people or {70: ("Ana", "Muster", "2014-02-03"), 71: ("Leo", "Muster", None)},
        levels=levels or {}, degree_names={8: "Bleu"}, attended=more.pop("attended", {}),
        strangers=more.pop("strangers", set()), voucher_schools={60: 20}, currencies={20: "EUR"},
    )  # fmt: skip
    env = environment(choices, facts=facts, **{
        "school": {2: 20}, "client": {7: 70, 8: 71}, "monitor": {11: 9}, "voucher": {6: 60},
    } | more)  # fmt: skip
    return transformed(
        BookingMigration(), env, one or booking(), lines=[line()] if lines is None else lines, logs=list(logs)
    )


def of(entries, entity):
    return [entry for entry in entries if entry.entity == entity]


def written(entries, entity):
    return values(of(entries, entity)[0])


def test_a_paid_cash_booking_goes_to_both_targets_with_its_payment():
    entries = move()
    assert outcome(entries) == [
        ("booking", 4, "", "migrated", ""),
        ("booking_user", 40, "", "migrated", ""),
        ("payment", 4, "1", "synthesised", "PAYMENT"),
        ("v5_booking", 4, "", "synthesised", "PROJECTION"),
        ("v5_booking_participant", 40, "", "synthesised", "PROJECTION"),
        ("v5_payment", 4, "1", "synthesised", "PROJECTION"),
    ]
    head, item, payment = (
        written(entries, "booking"),
        written(entries, "booking_user"),
        written(entries, "payment"),
    )
    assert (head["school_id"], head["client_main_id"], head["status"], head["source"]) == (
        20,
        70,
        1,
        "legacy",
    )
    assert (head["price_total"], head["paid_total"], head["paid"], head["paxes"]) == (
        MONEY("80.00"),
        MONEY("80.00"),
        1,
        1,
    )
    assert (item["booking_id"], item["course_date_id"], item["course_subgroup_id"]) == (head["id"], 310, 330)
    assert (item["degree_id"], item["monitor_id"], item["group_id"], item["group_changed"]) == (8, 9, 1, 0)
    assert (payment["amount"], payment["notes"], payment["status"]) == (MONEY("80.00"), "cash", "paid")
    assert payment["data"] == {"origin": "derived from legacy"}
    assert payment["created_at"] == "2025-12-02 08:00:00"


def test_the_projection_repeats_the_booking_without_inventing_anything():
    entries = move(
        lines=[line(), line(id=41, user_id=8, price=MONEY("20.00"))], one=booking(price_total=MONEY("90.00"))
    )
    projected, head = written(entries, "v5_booking"), written(entries, "booking")
    assert projected["booking_reference"] == "LEG-20-4"
    assert (projected["season_id"], projected["type"], projected["status"]) == (51, "course", "paid")
    assert (projected["course_id"], projected["monitor_id"]) == (300, 9)
    assert (projected["base_price"], projected["discount_amount"], projected["total_price"]) == (
        MONEY("100.00"),
        MONEY("10.00"),
        MONEY("90.00"),
    )
    assert (projected["start_date"], projected["start_time"], projected["end_time"]) == (
        "2026-02-01",
        "09:00:00",
        "11:00:00",
    )
    assert projected["metadata"] == {
        "operational_booking_id": head["id"],
        "unexplained_amount": "0.00",
        "warnings": [],
    }
    ids = [entry.v5_id for entry in of(entries, "booking_user")]
    assert projected["participants"] == [
        {
            "client_id": 70,
            "first_name": "Ana",
            "last_name": "Muster",
            "date_of_birth": "2014-02-03",
            "level": "Bleu",
            "lines": ids[:1],
        },
        {
            "client_id": 71,
            "first_name": "Leo",
            "last_name": "Muster",
            "date_of_birth": None,
            "level": "Bleu",
            "lines": ids[1:],
        },
    ]
    assert [one["status"] for one in projected["booking_data"]["lines"]] == [1, 1]


@pytest.mark.parametrize(
    ("head", "lines", "status", "line_states", "v5"),
    [
        ({}, [{}], 1, [1], "paid"),
        ({"deleted_at": "2025-12-24 10:00:00"}, [{}], 2, [2], "cancelled"),
        ({}, [{"deleted_at": "2025-12-24 10:00:00"}], 2, [2], "cancelled"),
        ({}, [{}, {"id": 41, "deleted_at": "2025-12-24 10:00:00"}], 3, [1, 2], "paid"),
    ],
)
def test_cancellation_becomes_a_status_and_nothing_is_trashed(head, lines, status, line_states, v5):
    entries = move(booking(**head), [line(**one) for one in lines])
    assert written(entries, "booking")["status"] == status
    assert written(entries, "booking")["deleted_at"] is None
    assert [values(one)["status"] for one in of(entries, "booking_user")] == line_states
    projected = written(entries, "v5_booking")
    assert projected["status"] == v5
    assert (projected["cancelled_at"] == "2025-12-24 10:00:00") is (v5 == "cancelled")
    assert (projected["cancellation_reason"] == "CANCELLED_IN_LEGACY") is (v5 == "cancelled")


@pytest.mark.parametrize(
    ("head", "date", "status", "flag"),
    [
        ({"paid": 1}, "2025-12-20", "completed", None),
        ({"paid": 0}, "2025-12-20", "completed", "PAST_UNPAID"),
        ({"paid": 1}, "2026-02-01", "paid", None),
        ({"paid": 0, "payment_method_id": 1}, "2026-02-01", "confirmed", None),
        ({"paid": 0, "payment_method_id": None}, "2026-02-01", "confirmed", None),
        ({"paid": 0, "payment_method_id": 3}, "2026-02-01", "confirmed", "AWAITING_PAYMENT"),
    ],
)
def test_the_v5_status_is_the_first_condition_that_fits(head, date, status, flag):
    entries = move(booking(**head), lessons=Lessons({33: [place(date)]}))
    projected = written(entries, "v5_booking")
    assert projected["status"] == status
    assert warnings(of(entries, "booking")[0]) == ([flag] if flag else [])
    assert projected["completed_at"] == (f"{date} 11:00:00" if status == "completed" else None)
    assert projected["confirmed_at"] == "2025-12-01 08:00:00"


@pytest.mark.parametrize(
    ("head", "logs", "paid", "method", "flag"),
    [
        ({"paid": 0}, [], None, None, None),
        ({"payment_method_id": 2}, [], "80.00", ("credit_card", "payrexx", "Boukii Pay"), None),
        ({"payment_method_id": 3}, [], "80.00", ("credit_card", "payrexx", "online"), None),
        ({"payment_method_id": 4}, [], "80.00", ("other", "manual", "other"), None),
        ({"payment_method_id": None}, [], "80.00", ("other", "manual", "other"), None),
        ({"payment_method_id": 5}, [], None, None, "PAID_WITHOUT_METHOD"),
        ({}, ["30.00"], "50.00", ("cash", "manual", "cash"), None),
        ({}, ["80.00"], None, None, None),
        ({}, ["90.00"], None, None, "OVERPAID_BY_VOUCHER"),
    ],
)
def test_payments_are_derived_from_total_vouchers_and_method(head, logs, paid, method, flag):
    entries = move(
        booking(**head), logs=[log(id=60 + n, amount=MONEY(amount)) for n, amount in enumerate(logs)]
    )
    amounts = [values(one)["amount"] for one in of(entries, "payment")]
    assert amounts == ([MONEY(paid)] if paid else [])
    assert written(entries, "booking")["paid_total"] == MONEY(paid or "0.00")
    projected = [values(one) for one in of(entries, "v5_payment")]
    assert [one["payment_method"] for one in projected if one["payment_method"] == "voucher"] == [
        "voucher"
    ] * len(logs)
    if method:
        assert (
            projected[0]["payment_method"],
            projected[0]["gateway"],
            written(entries, "payment")["notes"],
        ) == method
    assert [code for code in warnings(of(entries, "booking")[0]) if code != "AWAITING_PAYMENT"] == (
        [flag] if flag else []
    )


def test_the_amount_of_a_cancelled_paid_booking_is_flagged_and_can_be_left_out():
    trashed = booking(deleted_at="2025-12-24 10:00:00")
    assert "TOTAL_AFTER_CANCELLATION" in warnings(of(move(trashed), "booking")[0])
    assert not of(move(trashed, choices={"Q-43": {None: "none"}}), "payment")


def test_payment_references_and_kinds_are_numbered_per_booking():
    entries = move(logs=[log()])
    rows = [values(one) for one in of(entries, "v5_payment")]
    assert [(one["payment_reference"], one["payment_type"], one["amount"]) for one in rows] == [
        ("LEGPAY-4-1", "partial_payment", MONEY("50.00")), ("LEGPAY-4-2", "partial_payment", MONEY("30.00")),
    ]  # fmt: skip


def test_an_unknown_payment_method_is_kept_beside_the_record():
    entries = move(booking(payment_method_id=7))
    entry = of(entries, "booking")[0]
    assert values(entry)["payment_method_id"] is None
    assert entry.additional["payment_method_id"] == 7
    assert written(entries, "v5_booking")["metadata"]["legacy_payment_method"] == 7
    assert warnings(entry) == ["PAYMENT_METHOD_UNKNOWN"]


def test_an_abandoned_check_out_moves_as_cancelled():
    entries = move(booking(deleted_at="2025-12-01 08:20:00", paid=0, payment_method_id=2))
    assert warnings(of(entries, "booking")[0]) == ["UNPAID_CHECKOUT"]
    assert written(entries, "v5_booking")["cancellation_reason"] == "UNPAID_CHECKOUT"


@pytest.mark.parametrize(
    ("head", "logs", "result"),
    [
        ({"price_total": MONEY("0.00"), "payrexx_reference": None}, [], ("skipped", "EMPTY")),
        ({"price_total": MONEY("10.00"), "payrexx_reference": None}, [], ("migrated", "")),
        ({"price_total": MONEY("0.00")}, [], ("migrated", "")),
        ({"price_total": MONEY("0.00"), "payrexx_reference": None}, [log()], ("migrated", "")),
    ],
)
def test_a_booking_without_lines_moves_only_with_money(head, logs, result):
    entries = move(booking(**head), [], logs)
    assert outcome(entries)[0][3:] == result
    if result[0] == "migrated":
        assert "NO_LINES" in warnings(entries[0])
        assert written(entries, "v5_booking")["participants"] == []


def test_history_before_the_cut_is_skipped_and_kept_in_the_archive():
    entries = move(choices={"Q-25": {None: "2026-06-01"}}, logs=[log()])
    assert outcome(entries) == [
        ("booking", 4, "", "skipped", "BEFORE_HISTORY_CUT"), ("booking_user", 40, "", "skipped", "BEFORE_HISTORY_CUT"),
        ("voucher_log", 60, "", "skipped", "BEFORE_HISTORY_CUT"),
    ]  # fmt: skip
    assert all(entry.archive for entry in entries)


@pytest.mark.parametrize(
    ("head", "lines", "known", "code"),
    [
        ({"school_id": 3}, [{}], {}, "SCHOOL_UNKNOWN"),
        ({}, [{"currency": "EUR"}], {}, "MIXED_CURRENCY"),
        ({"user_main_id": 99}, [{}], {}, "CLIENT_UNKNOWN"),
    ],
)
def test_a_rejected_booking_takes_lines_and_logs_along(head, lines, known, code):
    entries = move(booking(**head), [line(**one) for one in lines], [log()], **known)
    assert outcome(entries) == [
        ("booking", 4, "", "rejected", code), ("booking_user", 40, "", "rejected", "BOOKING_REJECTED"),
        ("voucher_log", 60, "", "rejected", "BOOKING_REJECTED"),
    ]  # fmt: skip


def test_unknown_people_are_replaced_by_the_stand_in_and_marked():
    entries = move(booking(user_main_id=99), [line(user_id=98)], stand_ins={2: 77})
    assert warnings(of(entries, "booking")[0]) == ["PLACEHOLDER_CLIENT"]
    assert warnings(of(entries, "booking_user")[0]) == ["PLACEHOLDER_CLIENT"]
    projected = written(entries, "v5_booking")
    assert projected["client_id"] == 77
    assert projected["participants"][0]["placeholder"] is True


@pytest.mark.parametrize(
    ("one", "lessons", "code"),
    [
        ({"course_groups_subgroup2_id": None}, None, "LINE_WITHOUT_COURSE"),
        ({"course_groups_subgroup2_id": 34}, None, "SUBGROUP_UNKNOWN"),
        ({}, Lessons({33: [place(school_id=21)]}), "TENANT_MISMATCH"),
        ({"user_id": 99}, None, "CLIENT_UNKNOWN"),
    ],
)
def test_a_rejected_line_leaves_the_booking_and_shows_its_price(one, lessons, code):
    entries = move(
        lines=[line(**one), line(id=41, price=MONEY("0.00"))] if not lessons else [line(**one)],
        lessons=lessons,
    )
    assert outcome(of(entries, "booking_user"))[0][3:] == ("rejected", code)
    assert of(entries, "booking")[0].disposition == "migrated"
    assert written(entries, "v5_booking")["metadata"]["rejected_lines"] == [
        {"legacy_line_id": 40, "price": "80.00"}
    ]


@pytest.mark.parametrize(
    ("choice", "prices"), [("first", ["80.00", "0.00", "0.00"]), ("spread", ["26.67", "26.67", "26.66"])]
)
def test_a_line_over_several_dates_is_split_and_its_price_kept(choice, prices):
    dates = [place(f"2026-02-0{day}", course_date_id=300 + day) for day in (1, 2, 3)]
    dead = place("2026-02-04", course_date_id=304, date_live=False)
    entries = move(lessons=Lessons({33: [*dates, dead]}), choices={"Q-40": {None: choice}})
    lines = of(entries, "booking_user")
    assert [(one.part, one.disposition) for one in lines] == [
        (f"2026-02-0{day}", "split") for day in (1, 2, 3)
    ]
    assert sum((values(one)["price"] for one in lines), MONEY(0)) == MONEY("80.00")
    assert sorted(str(values(one)["price"]) for one in lines) == sorted(prices)
    assert {values(one)["group_id"] for one in lines} == {1}
    assert len(of(entries, "v5_booking_participant")) == 3


def test_a_line_with_its_own_date_takes_only_that_date():
    dates = [place("2026-02-01"), place("2026-02-02", course_date_id=311)]
    entries = move(lines=[line(date="2026-02-02")], lessons=Lessons({33: dates}))
    assert [(one.part, one.disposition) for one in of(entries, "booking_user")] == [
        ("2026-02-02", "migrated")
    ]


def test_two_sessions_on_one_day_are_two_parts():
    sessions = [place(), place(course_date_id=311, hour_start="14:00:00", hour_end="16:00:00")]
    lines = of(move(lessons=Lessons({33: sessions})), "booking_user")
    assert [(one.part, values(one)["hour_start"]) for one in lines] == [
        ("2026-02-01T09:00", "09:00:00"), ("2026-02-01T14:00", "14:00:00"),
    ]  # fmt: skip


def test_a_live_line_of_a_deleted_class_moves_to_a_live_one_or_is_kept_and_flagged():
    gone = place(trashed=True)
    moved = move(lessons=Lessons({33: [gone]}, relinked=place(subgroup_id=331)))
    assert written(moved, "booking_user")["course_subgroup_id"] == 331
    assert warnings(of(moved, "booking_user")[0]) == ["LINE_RELINKED"]
    kept = move(lessons=Lessons({33: [gone]}))
    assert written(kept, "booking_user")["course_subgroup_id"] == 330
    assert warnings(of(kept, "booking_user")[0]) == ["ORPHAN_KEPT"]
    cancelled = move(
        booking(deleted_at="2025-12-24 10:00:00"),
        lessons=Lessons({33: [gone]}, relinked=place(subgroup_id=331)),
    )
    assert written(cancelled, "booking_user")["course_subgroup_id"] == 330


def test_both_references_count_as_the_class():
    entries = move(lines=[line(course2_id=12)])
    assert warnings(of(entries, "booking_user")[0]) == ["BOTH_REFERENCES"]
    assert written(entries, "booking_user")["course_group_id"] == 320


def test_attendance_of_the_date_wins_over_the_line():
    assert written(move(attended={(33, "2026-02-01", 7): 1}), "booking_user")["attended"] == 1


def test_a_private_lesson_has_its_own_hours_level_and_monitor():
    answer = PrivateAnswer(
        private_place(), hour_start="14:00:00", duration=90, warnings=("DATE_OUTSIDE_RANGE",)
    )
    one = line(
        course_groups_subgroup2_id=None, course2_id=12, monitor_id=11, date="2026-02-01", hour="14:00:00"
    )
    entries = move(lines=[one], private={40: answer}, levels={(70, 20, 1): 15})
    item = written(entries, "booking_user")
    assert (item["date"], item["hour_start"], item["hour_end"]) == ("2026-02-01", "14:00:00", "15:30:00")
    assert (item["degree_id"], item["monitor_id"], item["course_group_id"], item["course_subgroup_id"]) == (
        15,
        9,
        None,
        None,
    )
    assert warnings(of(entries, "booking_user")[0]) == ["DATE_OUTSIDE_RANGE"]


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (PrivateAnswer(None, reason="LINE_WITHOUT_DATE"), "LINE_WITHOUT_DATE"),
        (PrivateAnswer(private_place(school_id=21)), "TENANT_MISMATCH"),
        (PrivateAnswer(private_place(), hour_start="23:30:00", duration=60), "CROSSES_MIDNIGHT"),
    ],
)
def test_a_private_lesson_without_a_possible_place_is_rejected(answer, code):
    entries = move(lines=[line(course_groups_subgroup2_id=None, course2_id=12)], private={40: answer})
    assert outcome(of(entries, "booking_user"))[0][3:] == ("rejected", code)


def test_an_unknown_monitor_of_a_private_lesson_is_left_out_and_flagged():
    one = line(course_groups_subgroup2_id=None, course2_id=12, monitor_id=99)
    entries = move(lines=[one], private={40: PrivateAnswer(private_place())})
    assert written(entries, "booking_user")["monitor_id"] is None
    assert warnings(of(entries, "booking_user")[0]) == ["MONITOR_UNKNOWN"]


def test_activities_are_numbered_by_course_and_dates():
    week = [place("2026-02-01"), place("2026-02-02", course_date_id=311)]
    lessons = Lessons({33: week[:1], 34: week[1:], 35: [place("2026-02-01", course_id=301)]})
    lines = [
        line(id=40), line(id=41, course_groups_subgroup2_id=34),
        line(id=42, user_id=8), line(id=43, user_id=8, course_groups_subgroup2_id=34, deleted_at="2025-12-24 10:00:00"),
        line(id=44, course_groups_subgroup2_id=35), line(id=45, user_id=8, course_groups_subgroup2_id=35),
    ]  # fmt: skip
    numbers = {
        one.legacy_id: values(one)["group_id"]
        for one in of(move(lines=lines, lessons=lessons), "booking_user")
    }
    assert numbers == {40: 1, 41: 1, 42: 1, 43: 1, 44: 2, 45: 2}


@pytest.mark.parametrize(("voucher", "code"), [(5, "VOUCHER_UNKNOWN"), (8, "TENANT_MISMATCH")])
def test_a_log_without_voucher_is_rejected_with_its_amount(voucher, code):
    entries = move(logs=[log(voucher_id=voucher)], voucher={6: 60, 8: 61})
    assert outcome(of(entries, "voucher_log")) == [("voucher_log", 60, "", "rejected", code)]
    assert of(entries, "booking")[0].additional["rejected_logs"] == [{"legacy_log_id": 60, "amount": "30.00"}]
    assert written(entries, "payment")["amount"] == MONEY("80.00")


def test_a_trashed_log_stays_trashed_and_pays_nothing():
    entries = move(logs=[log(deleted_at="2025-12-03 00:00:00")])
    assert written(entries, "voucher_log")["deleted_at"] == "2025-12-03 00:00:00"
    assert written(entries, "payment")["amount"] == MONEY("80.00")
    assert [values(one)["payment_method"] for one in of(entries, "v5_payment")] == ["cash"]


@pytest.mark.parametrize(("row_currency", "expected"), [("chf", "CHF"), ("", "EUR")])
def test_the_currency_comes_from_the_row_then_the_school(row_currency, expected):
    entries = move(booking(currency=row_currency), [line(currency=row_currency)])
    assert {written(entries, name)["currency"] for name in ("booking", "booking_user", "v5_booking")} == {
        expected
    }


def test_lines_of_several_seasons_count_in_the_first():
    lessons = Lessons({33: [place("2025-02-01")], 34: [place("2026-02-01")]})
    entries = move(lines=[line(), line(id=41, course_groups_subgroup2_id=34)], lessons=lessons)
    assert written(entries, "v5_booking")["season_id"] == 50
    assert "SPANS_SEASONS" in warnings(of(entries, "booking")[0])


def test_only_the_operational_target_when_asked():
    entries = move(choices={"Q-34": {None: "operational"}}, logs=[log()])
    assert {entry.entity for entry in entries} == {"booking", "booking_user", "payment", "voucher_log"}


def test_activities_only_make_the_booking_an_activity():
    assert written(move(lessons=Lessons({33: [place(course_type=3)]})), "v5_booking")["type"] == "activity"
