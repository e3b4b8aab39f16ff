"""How generated rows are numbered, completed and counted."""

import re

import pytest

from demo import pools
from demo.bookings import money
from demo.dictionary import legacy_tables
from demo.dirt.planting import PLANTERS, kind
from demo.populate import shares
from demo.sink import Ids, Sink
from demo.world import World


class Recorder:
    """A database that remembers how large its blocks were."""

    def __init__(self) -> None:
        self.blocks: list[tuple[str, int]] = []

    def insert(self, table, columns, rows):
        self.blocks.append((table, len(rows)))

    def commit(self):
        pass


@pytest.fixture
def sink() -> Sink:
    return Sink(Recorder(), legacy_tables(), seed=1)


def test_ids_ascend_with_gaps_and_differ_between_tables():
    first, again, other = Ids("users", 1), Ids("users", 1), Ids("courses2", 1)
    numbers = [first.next() for _ in range(400)]
    assert numbers == [again.next() for _ in range(400)]
    assert numbers == sorted(set(numbers))
    assert numbers[-1] - numbers[0] > 400
    assert set(numbers) & {other.next() for _ in range(400)}


def test_columns_not_named_get_their_default(sink: Sink):
    sink.add("languages", name="Romansh", code="rm")
    with pytest.raises(ValueError, match=r"languages\.code has no value"):
        sink.add("languages", name="Romansh")


def test_an_id_that_is_given_is_kept_and_passed(sink: Sink):
    assert sink.add("languages", id=500, name="Romansh", code="rm") == 500
    assert sink.add("languages", name="Walser", code="wae") > 500


def test_a_reference_text_carries_the_id_of_its_row(sink: Sink):
    columns = legacy_tables()["bookings2"].column_names
    key = sink.add(
        "bookings2", school_id=1, user_main_id=1, price_total="0.00", payrexx_reference="Boukii #{id}"
    )
    row = sink._buffers["bookings2"][0]
    assert row[columns.index("payrexx_reference")] == f"Boukii #{key}"


def test_rows_are_written_in_blocks(sink: Sink):
    for _ in range(2500):
        sink.add("nationalities", name="Suisse")
    sink.close()
    assert sink.database.blocks == [("nationalities", 1000), ("nationalities", 1000), ("nationalities", 500)]


@pytest.mark.parametrize(("cents", "text"), [(0, "0.00"), (5, "0.05"), (12345, "123.45")])
def test_money_is_written_with_two_decimals(cents: int, text: str):
    assert money(cents) == text


def test_passwords_look_like_bcrypt():
    assert all(re.fullmatch(r"\$2y\$10\$[./A-Za-z0-9]{53}", value) for value in pools.passwords(1))


@pytest.mark.parametrize("amount", [1, 200, 12345])
def test_shares_add_up_and_stay_small(sink: Sink, amount: int):
    from demo import reference, schools

    world = World(sink, bookings=amount, seed=1, today="2026-01-15")
    reference.fill(world)
    schools.fill(world)
    blocks = shares(world)
    assert sum(size for *_, size in blocks) == amount
    assert max(size for *_, size in blocks) <= 400
    assert [season for season, *_ in blocks] == sorted(season for season, *_ in blocks)


def test_a_kind_of_dirt_cannot_be_planted_twice():
    with pytest.raises(ValueError, match="planted twice"):
        kind(next(iter(PLANTERS)))(lambda plant: None)
