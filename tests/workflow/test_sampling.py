"""The lot, its places by stratum, and how sure the shares are, against published figures."""

from __future__ import annotations

import pytest

from gimonitor.errors import InputError
from gimonitor.store.samples import Unit
from gimonitor.workflow.intervals import difference, wilson
from gimonitor.workflow.quality import forecast
from gimonitor.workflow.sampling import allot, draw


def units(count: int, stratum: str = "taobao") -> list[Unit]:
    return [Unit(id=n, key=f"{stratum}\n{n}", stratum=stratum) for n in range(count)]


def test_wilson_as_published() -> None:
    share = wilson(81, 263)  # Newcombe 1998 (I), table I: 0.2553 to 0.3662
    assert (round(share.low, 4), round(share.high, 4)) == (0.2553, 0.3662)
    assert (round(wilson(0, 20).low, 9), round(wilson(0, 20).high, 4)) == (
        0.0,
        0.1611,
    )  # the same table: 0.0000 to 0.1611
    with pytest.raises(InputError):
        wilson(0, 0)


def test_the_difference_as_published() -> None:
    found = difference(wilson(56, 70), wilson(48, 80))  # Newcombe 1998 (II), table II (a): 0.0524 to 0.3339
    assert (round(found.low, 4), round(found.high, 4), found.is_clear) == (0.0524, 0.3339, True)


def test_the_lot_does_not_depend_on_the_order_of_rows() -> None:
    some = units(500) + units(90, "jd") + units(3, "pinduoduo")
    one, two = draw(some, 40, "seed"), draw(list(reversed(some)), 40, "seed")
    assert one == two
    assert len({unit.key for unit in one.units}) == 40
    assert draw(some, 40, "another").digest != one.digest


def test_the_lot_is_the_order_of_the_hashes() -> None:
    import hashlib

    some = units(50)
    by_hand = sorted(some, key=lambda unit: hashlib.sha256(f"s\n{unit.key}".encode()).digest())[:5]
    assert list(draw(some, 5, "s").units) == by_hand


@pytest.mark.parametrize(
    ("strata", "size", "places"),
    [
        ({"a": 900, "b": 90, "c": 10}, 100, {"a": 90, "b": 9, "c": 1}),
        ({"a": 990, "b": 9, "c": 1}, 10, {"a": 8, "b": 1, "c": 1}),
        ({"a": 1, "b": 1, "c": 1}, 2, None),
        ({"a": 5}, 5, {"a": 5}),
    ],
)
def test_places_by_stratum(strata: dict[str, int], size: int, places: dict[str, int] | None) -> None:
    found = allot(strata, size)
    assert sum(found.values()) == size and all(found[name] <= strata[name] for name in strata)
    assert places is None or found == places


@pytest.mark.parametrize("size", [0, 11, -1])
def test_no_lot_beyond_the_population(size: int) -> None:
    with pytest.raises(InputError):
        draw(units(10), size, "s")
    with pytest.raises(InputError):
        draw([], 1, "s")


def test_what_a_batch_would_do_to_the_standing() -> None:
    found = forecast("taobao", 94, 6, list(range(1, 15)))
    assert found.expected == pytest.approx(0.94) and not found.hold
    assert found.worst == pytest.approx(94 / 114)
    assert found.bearable == 5  # 103 of 114 stay above 90 %, 102 do not
    assert (94 + 14 - 5) / 114 >= 0.9 > (94 + 14 - 6) / 114
    bad = forecast("taobao", 80, 20, [1, 2, 3])
    assert bad.expected is not None and bad.expected < 0.9 and not bad.hold  # holding does not help any more
    new = forecast("pinduoduo", 0, 0, [1, 2])
    assert new.expected is None and new.bearable == 0
