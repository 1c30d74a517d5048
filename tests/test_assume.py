"""The sliders of a chapter's assumptions: what they can reach, what follows one, and what does not."""

import html
import random
import re
import types
import warnings
from fractions import Fraction

import pandas as pd
import pytest
from casebook import assume, stale

from sibmodels import cases, tables

from . import sliding

SOME = 5  # moves of the sample; all of them are in tests/prove
QUICK = ("between-organisations", "building-blocks", "commissioning", "three-questions")  # a second each


# --- the table under other values


def test_whoever_reads_an_assumption_finds_the_moved_value_and_only_meanwhile():
    with tables.assuming({("kobe", "rho"): 0.5, ("uk-commissioner-led", "target_demand"): 0.9}):
        assert cases.assumption("kobe", "rho") == cases.Assumption(0.5, 0.0, 0.8, "share")
        assert cases.contract("uk-commissioner-led").outcomes[0].target == 0.9
        with tables.assuming({("kobe", "rho"): 0.1}):
            assert cases.table("assumptions", "kobe").set_index("key")["value"]["rho"] == 0.1
        assert cases.assumption("kobe", "rho").value == 0.5
    assert cases.assumption("kobe", "rho").value == 0.3


@pytest.mark.parametrize(
    ("values", "error", "said"),
    [
        ({("kobe", "rh"): 0.5}, KeyError, "assumption .*rh.* is unknown"),
        ({("kobe", "rho"): 0.81}, ValueError, "between 0 and 0.8"),
        ({("kobe", "rho"): float("nan")}, ValueError, "between 0 and 0.8"),
    ],
)
def test_an_assumption_that_is_none_or_out_of_range_is_refused(values, error, said):
    with pytest.raises(error, match=said), tables.assuming(values):
        pass
    assert cases.assumption("kobe", "rho").value == 0.3


def test_what_is_read_is_noted_as_finely_as_it_is_asked_for():
    with tables.noting() as outer:
        cases.assumption("kobe", "rho")
        with tables.noting() as inner:
            cases.table("assumptions", "yokohama")
            cases.contract("kobe")  # its targets are published
        tables.read("assumptions")
    assert inner == {("yokohama",)}
    assert outer == {("kobe", "rho"), ("yokohama",), ()}


# --- the panel


@pytest.mark.parametrize("row", [row for row in tables.rows(tables.read("assumptions")) if row.low < row.high])
def test_a_slider_stands_on_its_ends_and_on_the_published_value(row):
    step = Fraction(str(assume.step(row.low, row.high, row.value, row.unit)))
    low, value, high = (Fraction(str(number)) for number in (row.low, row.value, row.high))
    assert (high - low) % step == (value - low) % step == 0
    assert (high - low) / step >= assume.POSITIONS or (row.unit in assume.WHOLE and step == 1)


def test_a_panel_has_a_slider_for_each_row_below_the_table_that_shows_it():
    label = cases.table("assumptions", "kobe").set_index("key")["label"]["payer_error"]
    body = f"<table><caption>First.</caption></table><table><caption>The <b>rule</b>.</caption><td>{label}</td></table>"
    panel = assume.panel("kobe", body, "tables.html")
    rows = {f"{row['case']}.{row['key']}" for row in assume.used("kobe")}
    assert set(map(html.unescape, re.findall(r'data-name="([^"]+)"', panel))) == rows
    first, others = re.findall(r"<legend>(.*?)</legend>", panel)
    assert (first, others) == ("The rule.", "Others")
    assert panel.index('"kobe.payer_error"') < panel.index("<legend>Others") < panel.index('"kobe.rho"')
    assert 'href="tables.html#assumptions-kobe-rho">Assumption of this book<' in panel


def test_a_fixed_row_has_no_slider_and_a_page_without_rows_no_panel():
    assert "maximum" not in {row["key"] for row in assume.used("uk-commissioner-led")}
    assert assume.panel("japan", "", "") == ""


# --- what is out of date


def cells(*sources):
    """Cells that have run once, in order, and a function that runs one anew."""
    made, space = stale.Cells(sources), {}

    def run(number, source, read=()):
        made.prepare(number, space)
        exec(source, space)
        made.finish(number, source, space, set(read), 0.0, True)

    for number, source in enumerate(sources, 1):
        run(number, source)
    return made, run


def waiting(made, *changed):
    return sorted(made.perhaps().keys() - set(changed))


def test_what_comes_out_the_same_wakes_nobody():
    made, run = cells("a = 1", "b = a > 0", "c = b")
    run(1, "a = 2")
    assert made.stale == {2}
    run(2, "b = a > 0")
    assert made.stale == set()


@pytest.mark.parametrize(
    ("reader", "woken"),
    [
        ("x = given['rho']", False),
        ("x = given['mean']", True),
        ("x = given", True),
        ("x = given.loc['mean':'more']", True),
        ("x = given.loc['rho':'seed']", False),
        ("x = [given[f'mean{i}'] for i in ('',)]", True),
        ("x = [given[f'rho{i}'] for i in ('',)]", False),
        ("def f():\n    return given['mean']\nx = f()", True),
        ("given = 3\nx = given", False),
        ("for given in range(3):\n    if given:\n        break", True),  # no loop with a way out is looked into
    ],
)
def test_a_reader_of_one_label_sleeps_while_another_moves(reader, woken):
    first = "import pandas as pd\ngiven = pd.Series({'mean': 1.0, 'more': 1.0, 'rho': 2.0, 'seed': 3.0})"
    made, run = cells(first, reader)
    run(1, first.replace("'mean': 1.0", "'mean': 5.0"))
    assert made.stale == ({2} if woken else set())


def test_names_are_read_through_functions_that_other_cells_made():
    made, run = cells("k = 1", "def f():\n    return k", "def g():\n    return f()", "x = g()")
    run(1, "k = 2")
    assert 4 in made.stale


def test_a_cell_reads_what_cells_before_it_made_and_no_later_one():
    made, run = cells("rows = [1]", "x = list(rows)", "rows = [2]", "y = list(rows)")
    run(2, "x = list(rows)")
    assert made.ran[2].made["x"] == [1]
    assert made.stale == set()
    run(1, "rows = [5]")
    assert made.stale == {2}


def test_draws_go_on_where_the_cell_before_left_the_generator():
    sources = ("import numpy as np\nrng = np.random.default_rng(1)\nk = 1", "a = rng.random(k)", "b = rng.random(2)")
    made, run = cells(*sources)
    first = made.ran[3].made["b"]
    run(3, sources[2])
    assert stale.same(made.ran[3].made["b"], first)
    run(1, sources[0].replace("k = 1", "k = 3"))
    run(2, sources[1])
    assert made.stale == {3}
    run(3, sources[2])
    assert not stale.same(made.ran[3].made["b"], first)


def test_an_assumption_wakes_who_read_it_and_back_again():
    made, run = cells("a = 1", "b = 1", "c = 1")
    run(1, "a = 1", {("kobe", "rho")})
    run(2, "b = 1", {("kobe",)})
    made.assume({("kobe", "effect"): 0.5})
    assert made.stale == {2}
    made.assume({("kobe", "effect"): 0.5, ("kobe", "rho"): 0.5})
    assert made.stale == {1, 2}
    run(1, "a = 1", {("kobe", "rho")})
    made.assume({("kobe", "effect"): 0.5})
    assert made.stale == {1, 2}


def test_what_is_in_view_comes_first_and_nothing_slow_while_the_slider_moves():
    made = stale.Cells(["a = 1", "b = 1", "c = a", "d = b"])
    assert made.next(seen={4}, closed=set()) == 2
    made.ran[2].seconds = 9.0
    assert made.next(seen={4}, closed=set(), longest=0.6) is None
    assert made.next(seen={3}, closed=set(), longest=0.6) == 1
    assert made.next(seen={1}, closed={1, 2, 3, 4}) is None


def test_what_rests_on_a_cell_without_an_answer_waits():
    made, run = cells("a = 1", "b = a", "c = b", "d = 1")
    made.prepare(2, space := {"a": 1})
    made.finish(2, "b = a", space, set(), 0.0, ok=False)
    assert made.stuck() == {3}
    assert made.next(set(), set()) is None
    run(2, "b = a")
    assert made.stuck() == set()


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        (float("nan"), float("nan"), True),
        (1, 1.0, False),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, False),
        (pd.Series([1.0], name="a"), pd.Series([1.0], name="b"), False),
        (pd.DataFrame({"a": [1]}), pd.DataFrame({"a": [1]}), True),
        (pd.DataFrame({"a": [1]}), pd.DataFrame({"a": [2]}), False),
        (eval("lambda: 1"), eval("lambda: 1"), True),
        (eval("lambda: 1"), eval("lambda: 2"), False),
        (eval("lambda x=1: x"), eval("lambda x=2: x"), False),
        (object(), object(), False),
    ],
)
def test_values_are_the_same_only_where_that_is_certain(one, other, alike):
    assert stale.same(one, other) is alike


# --- whole chapters


def test_a_slider_at_either_end_and_back_gives_what_a_full_run_gives():
    """A seeded sample of moves; `make prove` has every slider of every chapter."""
    rng = random.Random(20)
    everything = [(chapter, move) for chapter in QUICK for move in sliding.moves(chapter)]
    with sliding.alone(), warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        pages: dict = {}
        for chapter, move in rng.sample(everything, SOME):
            if chapter not in pages:
                page = sliding.Page(sliding.sources(sliding.chapters()[chapter]))
                pages[chapter] = page, page.run_all({})
            assert sliding.wrong(*pages[chapter], move) == [], (chapter, move)


def test_cells_that_have_not_run_are_run_in_the_order_that_the_reader_needs():
    """At the first touch what is in view comes first, whatever stands above it; the end is that of a full run."""
    sources = sliding.sources(sliding.chapters()["building-blocks"])
    move = {("general", "investor_rate"): 0.15}
    with sliding.alone():
        full = sliding.Page(sources).run_all(move)
        page = sliding.Page(sources)
        ran, stuck = page.settle(move, seen=[len(sources) - 1])
    assert sorted(ran) == sorted(full)
    assert ran != sorted(ran)
    assert stuck == []
    assert page.shown() == full


def test_a_stale_output_would_be_noticed():
    """The sweep can fail: a cell that hides what it reads is found out."""
    sources = [
        "from sibmodels import cases\nx = cases.assumption('kobe', 'rho').value",
        "y = vars()['x']\nprint(y)",
    ]
    with sliding.alone():
        page = sliding.Page(sources)
        published = page.run_all({})
        assert sliding.wrong(page, published, {("kobe", "rho"): 0.8}) == ["cell 2 is not what a full run gives"]


def test_a_module_that_waits_to_be_loaded_is_asked_nothing():
    class Waiting(types.ModuleType):
        def __getattribute__(self, name):
            raise AssertionError(f"{name} was asked for")

    waiting = Waiting("charts")
    assert not stale.draws(waiting)
    assert not stale.calls({"charts": waiting})
    assert stale.fresh({"charts": waiting})["charts"] is waiting
