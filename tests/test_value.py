"""SROI against hand computation, published ratios and properties."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sibmodels import cases, lasting, sroi

ROW = dict(
    outcome="a", stakeholder="pupils", quantity=10, proxy=100.0, duration=3,
    deadweight=0.2, displacement=0.1, attribution=0.25, drop_off=0.5,
)  # fmt: skip
share = st.floats(0, 1)


def value_map(*rows):
    return pd.DataFrame([ROW | row for row in rows])


@given(share, share, share, share, st.integers(1, 12), st.floats(-0.5, 1), st.floats(0, 1e6))
def test_is_the_sum_written_out(deadweight, displacement, attribution, drop_off, duration, rate, proxy):
    row = dict(
        deadweight=deadweight, displacement=displacement, attribution=attribution,
        drop_off=drop_off, duration=duration, proxy=proxy,
    )  # fmt: skip
    total = 0.0
    for year in range(duration):
        impact = 10 * proxy * (1 - deadweight) * (1 - displacement) * (1 - attribution) * (1 - drop_off) ** year
        total += impact / (1 + rate) ** year
    result = sroi(value_map(row), inputs=500, rate=rate)
    assert result.present_value == pytest.approx(total, rel=1e-9, abs=1e-6)
    assert result.ratio == pytest.approx(total / 500, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize(
    "no_effect", [dict(deadweight=1), dict(quantity=0), dict(proxy=0), dict(attribution=1), dict(displacement=1)]
)
def test_programme_without_effect_is_worth_nothing(no_effect):
    assert sroi(value_map(no_effect), inputs=1, rate=0.035).ratio == 0


@given(st.lists(st.floats(0, 1e4), min_size=1, max_size=5), st.floats(1, 1e5))
def test_rows_add_up_and_order_does_not_matter(proxies, inputs):
    rows = [dict(outcome=str(i), proxy=proxy, duration=1 + i) for i, proxy in enumerate(proxies)]
    forward, backward = sroi(value_map(*rows), inputs, 0.04), sroi(value_map(*rows[::-1]), inputs, 0.04)
    assert forward.table["present_value"].sum() == pytest.approx(forward.present_value)
    assert forward.ratio == pytest.approx(backward.ratio)


def test_one_currency_in_every_row_is_as_good_as_none():
    named = value_map(dict(currency="GBP"), dict(currency="GBP", duration=1))
    assert sroi(named, 500, 0.04).ratio == sroi(named.drop(columns="currency"), 500, 0.04).ratio


def test_rows_last_as_long_as_they_say():
    """A short row beside a long one gains no year."""
    short, long = dict(outcome="short", duration=1), dict(outcome="long", duration=4)
    together = sroi(value_map(short, long), 500, 0.04).table["present_value"]
    alone = [sroi(value_map(row), 500, 0.04).present_value for row in (short, long)]
    assert together.tolist() == pytest.approx(alone)


def test_first_year_is_neither_dropped_off_nor_discounted():
    row = dict(duration=1, drop_off=0.9)
    assert sroi(value_map(row), inputs=1, rate=0.5).present_value == pytest.approx(10 * 100 * 0.8 * 0.9 * 0.75)


@given(st.integers(1, 6), st.floats(-0.2, 0.5), share)
def test_the_guides_convention_discounts_each_year_once_more(duration, rate, drop_off):
    """Its formula: value of year 1 / (1 + r) + value of year 2 / (1 + r)^2 + ..."""
    first = 10 * 100 * 0.8 * 0.9 * 0.75
    guide = sum(first * (1 - drop_off) ** (year - 1) / (1 + rate) ** year for year in range(1, duration + 1))
    rows = value_map(dict(duration=duration, drop_off=drop_off))
    result = sroi(rows, 500, rate, first_year=1)
    assert result.present_value == pytest.approx(guide)
    assert result.ratio == pytest.approx(sroi(rows, 500, rate).ratio / (1 + rate))


@pytest.mark.parametrize("year", ["fy2019", "fy2017_20"])
def test_yokohama_published_ratio(year):
    """The published benefit is a total net of deadweight and the like: one row, nothing more taken away."""
    benefit, net = cases.fact("yokohama", f"benefit_{year}"), cases.fact("yokohama", f"net_benefit_{year}")
    row = dict(quantity=1, proxy=benefit, duration=1, deadweight=0, displacement=0, attribution=0)
    result = sroi(value_map(row), inputs=benefit - net, rate=0.04)
    assert round(result.ratio, 2) == cases.fact("yokohama", f"sroi_{year}")


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (dict(deadweight=1.2), r"'deadweight', row 0 \(a\) is 1.2; it must be a share"),
        (dict(duration=0), "'duration'.*at least 1"),
        (dict(duration=1.5), "'duration'.*whole years"),
        (dict(proxy=math.nan), "'proxy' holds nan"),
        (dict(drop_off=-0.1), "'drop_off'"),
    ],
)
def test_bad_row(row, message):
    with pytest.raises(ValueError, match=message):
        sroi(value_map(row), inputs=1, rate=0)


def test_bad_arguments():
    with pytest.raises(ValueError, match=r"lacks the columns \['proxy'\]"):
        sroi(value_map({}).drop(columns="proxy"), 1, 0)
    with pytest.raises(ValueError, match="inputs is 0"):
        sroi(value_map({}), 0, 0)
    with pytest.raises(ValueError, match="rate is -1"):
        sroi(value_map({}), 1, -1)
    with pytest.raises(ValueError, match=r"mixes the currencies \['GBP', 'JPY'\]"):
        sroi(value_map(dict(currency="GBP"), dict(currency="JPY")), 1, 0)
    with pytest.raises(ValueError, match="first_year is -1"):
        sroi(value_map({}), 1, 0, first_year=-1)
    with pytest.raises(ValueError, match="value_map is a list"):
        sroi([ROW], 1, 0)
    with pytest.raises(ValueError, match="value_map is empty"):
        sroi(value_map({}).iloc[:0], 1, 0)


def test_input_is_not_changed():
    rows = value_map({})
    before = rows.copy()
    sroi(rows, 1, 0.04)
    pd.testing.assert_frame_equal(rows, before)
    assert np.isfinite(rows.select_dtypes("number")).all().all()


# how long something lasts


@pytest.mark.parametrize("lasts", [0, 0.5, 1, 2.25, 7])
@pytest.mark.parametrize("begins", [0, 5, 12, 31])
def test_what_lasts_adds_up_to_its_series(begins, lasts):
    whole, part = int(lasts), lasts - int(lasts)
    series = sum(0.7**t for t in range(whole)) + part * 0.7**whole
    found = lasting(begins, lasts, 0.3, years=20)
    assert found.sum() == pytest.approx(series)
    assert not found[: begins // 12].any()
    assert found.max(initial=0) <= 1


def test_what_lasts_begins_where_it_is_said():
    assert lasting(0, 2, years=2).tolist() == [1, 1]
    assert lasting(0, 2, 1, years=2).tolist() == [1, 0]
    assert lasting(14, 1, years=4).tolist() == pytest.approx([0, 10 / 12, 2 / 12, 0])
    assert lasting(0, [1, 2], [0.5, 0.5], years=2).tolist() == [[1, 0], [1, 0.5]]
    assert lasting(30, 5, years=3).tolist() == pytest.approx([0, 0, 0.5])  # what falls beyond is left out


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"lasts": -1}, "at least 0"),
        ({"drop_off": 1.5}, "between 0 and 1"),
        ({"begins": -1}, "begins"),
        ({"years": 0}, "years"),
    ],
)
def test_what_cannot_last(given, says):
    with pytest.raises(ValueError, match=says):
        lasting(**({"begins": 0, "lasts": 1, "drop_off": 0.1, "years": 3} | given))
