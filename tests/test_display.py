"""Tables for readers: captions, scopes, escaped text, numbers as people write them."""

import pandas as pd
import pytest
from bs4 import BeautifulSoup

from sibmodels import cases, claims, show
from sibmodels.display import amount


def test_html_has_caption_scopes_and_every_cell():
    table = show(pd.DataFrame({"name": ["<b>", "c"], "x": [1.5, None]}), "A & B.")
    page = BeautifulSoup(table._repr_html_(), "html.parser")
    assert page.caption.text == "A & B."
    assert [cell["scope"] for cell in page("th")] == ["col", "col", "row", "row"]
    assert [cell.text for cell in page("td")] == ["1.50", ""]
    assert page.select_one("tbody th").text == "<b>"
    assert not page("b")


def test_text_and_html_say_the_same():
    table = show(pd.Series({"a": 1234.5}, name="JPY").rename_axis("payer"), "C.", "{:,.1f}")
    assert "1,234.5" in repr(table)
    assert "1,234.5" in table._repr_html_()


def test_yes_and_no():
    assert "yes" in repr(show(pd.DataFrame({"what": ["x"], "matches": [True]}), "C."))


def test_nothing_has_no_sign():
    rounded = show(pd.Series({"a": -1e-9, "b": -0.006, "c": -0.0}, name="x").rename_axis("case"), "C.")
    assert list(rounded.cells["X"]) == ["0.00", "-0.01", "0.00"]


def test_claims_show_source_and_confidence():
    rows = cases.table("facts", "kobe").query("key == 'served'")
    text = repr(claims(rows, "C."))
    assert "105 people" in text
    assert "Nikkei BP 2018" in text
    assert "published" in text


@pytest.mark.parametrize(
    ("value", "unit", "currency", "text"),
    [
        ("7500000", "money", "JPY", "JPY 7,500,000"),
        (0.125, "share", "", "12.5 %"),
        ("2016-10", "date", "", "2016-10"),
        ("12", "months", "", "12 months"),
        ("-0.07", "coefficient", "", "-0.07"),
    ],
)
def test_amounts(value, unit, currency, text):
    assert amount(value, unit, currency) == text


def test_columns_that_a_page_would_call_the_same_are_refused():
    with pytest.raises(ValueError, match=r"\['result', 'Result'\], which a page calls the same"):
        show(pd.DataFrame({"Result": [1]}).rename_axis("result"), "Twice.")
