"""Options: the normal loss by integration, rights by simulation, and what a right of both sides must keep equal."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sibmodels import exit_option, expected_shortfall, rebasing

means, spreads = st.floats(-50, 50), st.floats(0.1, 50)
RNG = np.random.default_rng(1991)
LUCK = RNG.normal(size=400_000)


def on_average(of, mean, sd):
    """The mean of a function of a normal, by a fine sum over its density."""
    x = np.linspace(mean - 12 * sd, mean + 12 * sd, 40_001)
    density = np.exp(-(((x - mean) / sd) ** 2) / 2) / (sd * np.sqrt(2 * np.pi))
    return float((of(x) * density).sum() * (x[1] - x[0]))


@given(means, spreads, means)
def test_the_shortfall_is_its_integral(mean, sd, level):
    exact = on_average(lambda x: np.maximum(level - x, 0), mean, sd)
    assert expected_shortfall(mean, sd, level) == pytest.approx(exact, abs=1e-3 * sd)


@given(means, st.just(0.0) | st.floats(1e-9, 50), means)
def test_short_and_beyond_differ_by_the_distance(mean, sd, level):
    """E max(l - X, 0) - E max(X - l, 0) = l - E X: the parity of two options."""
    beyond = expected_shortfall(-mean, sd, -level)
    assert expected_shortfall(mean, sd, level) - beyond == pytest.approx(level - mean, abs=1e-9)


@pytest.mark.parametrize(("mean", "sd", "cost"), [(10, 20, 5), (-5, 8, 0), (0, 1, 0.5)])
def test_the_right_to_leave_is_what_the_better_choice_adds(mean, sd, cost):
    rest = mean + sd * LUCK
    gained = np.maximum(rest, -cost).mean() - rest.mean()
    assert exit_option(mean, sd, cost) == pytest.approx(gained, abs=5 * sd / np.sqrt(LUCK.size))


@given(means, st.floats(0, 50), st.floats(0, 100), st.floats(0, 100))
def test_dearer_to_leave_is_worth_less_and_in_the_end_nothing(mean, sd, cost, more):
    assert exit_option(mean, sd, cost + more) <= exit_option(mean, sd, cost) + 1e-12
    assert exit_option(mean, sd, 1e6) == 0


def test_what_is_not_learned_is_worth_nothing_and_a_sure_loss_its_size():
    assert exit_option(3, 0) == exit_option(0.0, 0) == 0
    assert exit_option(-0.5, 0) == 0.5
    assert exit_option(-3, 0, 1) == 2


@pytest.mark.parametrize(("drift", "band"), [(0.0, 1.0), (1.5, 0.5), (-2.0, 3.0), (0.0, 0.0)])
def test_rebasing_is_a_drift_held_between_limits(drift, band):
    table = rebasing(100, 3, band, drift)
    drifted = drift + 3 * LUCK
    held = {
        "none": drifted,
        "payer may re-base": np.minimum(drifted, band),
        "provider may re-base": np.maximum(drifted, -band),
        "both may": np.clip(drifted, -band, band),
    }
    for clause, values in held.items():
        assert table.loc[clause, "mean"] == pytest.approx(100 * values.mean(), abs=2.4)
        assert table.loc[clause, "sd"] == pytest.approx(100 * values.std(), abs=2.4)
    assert table["worth"].to_numpy() == pytest.approx(table.loc["none", "mean"] - table["mean"].to_numpy())


@given(st.floats(0, 10), st.floats(0, 10), st.floats(-5, 5))
def test_two_rights_add_up_and_none_of_them_adds_risk(sd, band, drift):
    table = rebasing(7, sd, band, drift)
    one, other, both = table["worth"].iloc[1:]
    # held on both sides what is given up is what each would give up alone, if the limits do not cross
    assert both == pytest.approx(one + other, abs=1e-6)
    assert (table["sd"] <= table.loc["none", "sd"] + 1e-6).all()
    assert one >= -1e-9 >= other - 2e-9


def test_a_wide_band_is_no_clause_and_a_right_for_both_is_fair_without_a_trend():
    assert rebasing(100, 2, 1e3)["worth"].abs().max() == pytest.approx(0, abs=1e-9)
    table = rebasing(100, 2, 1)
    assert table.loc["both may", "worth"] == pytest.approx(0, abs=1e-9)
    assert table.loc["payer may re-base", "worth"] == pytest.approx(100 * expected_shortfall(0, 2, -1))
    sure = rebasing(100, 0, 1, drift=3)
    assert sure["mean"].tolist() == [300, 100, 300, 100]
    assert (sure["sd"] == 0).all()


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: exit_option(1, -1), "sd is -1; it must be at least 0"),
        (lambda: exit_option(1, 1, -2), "cost is -2; it must be at least 0"),
        (lambda: rebasing(-1, 1, 1), "pay is -1; it must be at least 0"),
        (lambda: rebasing(1, 1, -1), "band is -1; it must be at least 0"),
        (lambda: rebasing(1, -1, 1), "drift_sd is -1; it must be at least 0"),
        (lambda: expected_shortfall("much", 1), "mean is 'much'; numbers are needed"),
    ],
)
def test_what_is_not_allowed_is_said(call, said):
    with pytest.raises(ValueError, match=f"^{said}$"):
        call()
