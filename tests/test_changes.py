"""What stands now stands on its page; each entry says why, and is of a page that exists."""

import pytest

import sibmodels
from sibmodels import tables

from .test_claims import ROOT, plain, said

CHANGES = tables.read("changes")


@pytest.mark.parametrize("row", list(CHANGES.itertuples()), ids=CHANGES["change"].tolist())
def test_what_stands_now_stands_there(row):
    assert plain(row.now) in said(row.page), f"{row.page} does not say: {row.now}"
    assert plain(row.first) not in said(row.page), f"{row.page} still says: {row.first}"
    assert all((row.about, row.why, row.who))


def test_an_old_sentence_is_not_taken_for_a_new_one():
    row = next(CHANGES.itertuples())
    assert plain(row.now.replace("e", "o")) not in said(row.page)


def test_the_changelog_has_every_entry():
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert [about for about in CHANGES["about"] if about not in text] == []
    assert f"## {sibmodels.__version__}, " in text
