"""Every slider of every chapter at both ends and back, against full runs; and all have an answer, or a known reason."""

import warnings

import pytest

from tests import sliding

NO_ANSWER = (  # ends at which a formula has no value; the panel says so, with these words
    "the future must weigh less",  # money that loses nothing by waiting, and a renewal that is sure
    "an angle needs a direction",  # people who value nothing
    "there is nothing to draw",  # an outcome that is worth nothing to anybody has no worth to break even at
)


def unexplained(wrong):
    """What is wrong, without the cells that have no answer for a known reason, and those behind them."""
    if not any(reason in said for said in wrong for reason in NO_ANSWER):
        return wrong
    return [said for said in wrong if not any(reason in said for reason in (*NO_ANSWER, "is not defined"))]


@pytest.mark.parametrize("chapter", sliding.chapters())
def test_every_slider_at_both_ends_and_back_against_full_runs(chapter):
    with sliding.alone(), warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        page = sliding.Page(sliding.sources(sliding.chapters()[chapter]))
        published = page.run_all({})
        tried = {str(move): unexplained(sliding.wrong(page, published, move)) for move in sliding.moves(chapter)}
        found = {move: wrong for move, wrong in tried.items() if wrong}
    assert found == {}
