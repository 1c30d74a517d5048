"""Every slider of every chapter at both ends and back, against full runs; and all have an answer."""

import warnings

import pytest

from tests import sliding


@pytest.mark.parametrize("chapter", sliding.chapters())
def test_every_slider_at_both_ends_and_back_against_full_runs(chapter):
    with sliding.alone(), warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        page = sliding.Page(sliding.sources(sliding.chapters()[chapter]))
        published = page.run_all({})
        found = {str(move): wrong for move in sliding.moves(chapter) if (wrong := sliding.wrong(page, published, move))}
    assert found == {}
