"""Layers of capital: one layer is `cash_flows`, layers add up to one, and published terms give published returns."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sibmodels import Break, Dated, PaymentSchedule, Tranche, cash_flows, ended, irr, use_up, waterfall
from sibmodels.cashflows import DISTRIBUTIONS, settled

money = st.integers(0, 60).map(float)


@st.composite
def plans(draw):
    """Costs and payments of a few periods in a few scenarios, and what is paid if a period is not served."""
    shape = draw(st.integers(1, 3)), draw(st.integers(1, 7))
    cells = st.integers(-40, 60).map(float)
    table = [np.array([[draw(cell) for _ in range(shape[1])] for _ in range(shape[0])]) for cell in (money, cells)]
    terms = {"fee": draw(money), "lag": draw(st.integers(0, 3)), "unserved": table[1] * draw(st.integers(0, 4)) / 4}
    return table, terms, draw(st.integers(0, 200).map(float))


@given(plans(), st.sampled_from(DISTRIBUTIONS))
def test_one_tranche_is_cash_flows(plan, distribute):
    (costs, payments), terms, amount = plan
    layer = Tranche("investors", amount, distribute=distribute, surplus=1.0)
    flows = waterfall(costs, payments, [layer], **terms).rename(columns={"investors": "investor"})
    told = settled(costs, payments, guarantee=0.0, distribute=distribute, committed=amount, **terms)
    assert flows[told.columns].to_numpy() == pytest.approx(told.to_numpy(), abs=1e-9)


@given(plans(), st.sampled_from(DISTRIBUTIONS), st.integers(0, 10))
def test_tranches_with_surplus_in_proportion_sum_to_one(plan, distribute, tenths):
    (costs, payments), terms, amount = plan
    parts = [
        Tranche(name, amount * part, distribute=distribute, surplus=part)
        for name, part in (("a", tenths / 10), ("b", 1 - tenths / 10))
    ]
    split = waterfall(costs, payments, parts, **terms)
    whole = waterfall(costs, payments, [Tranche("all", amount, distribute=distribute, surplus=1.0)], **terms)
    assert (split["a"] + split["b"]).to_numpy() == pytest.approx(whole["all"].to_numpy(), abs=1e-9)


@st.composite
def stacks(draw):
    """Two or three layers with whatever terms, and breaks."""
    names, left, layers = ["senior", "middle", "junior"][: draw(st.integers(2, 3))], 4, []
    for name in names:
        part = draw(st.integers(0, left))
        left -= part
        coupon = draw(st.sampled_from([0.0, 0.02, Dated({0: 0.05, 2: 0.0})]))
        layers.append(
            Tranche(
                name,
                draw(st.integers(0, 120)),
                draw(st.sampled_from(["as needed", "up front"])),
                coupon,
                draw(st.sampled_from([1.0, 0.5, Dated({0: 0.75, 3: 1.0})])),
                draw(st.sampled_from(DISTRIBUTIONS)),
                draw(st.booleans()),
                draw(st.sampled_from([0.0, 0.6])),
                part / 4,
                draw(st.sampled_from([np.inf, 0.06])),
            )
        )
    return layers


@given(plans(), stacks(), st.data())
def test_money_is_conserved_and_nobody_loses_more_than_committed(plan, layers, data):
    (costs, payments), terms, _ = plan
    periods = costs.shape[1] + terms["lag"]
    ends = data.draw(st.lists(st.integers(0, periods - 1), min_size=len(costs), max_size=len(costs)))
    flows = waterfall(costs, payments, layers, ends=ends, **terms)
    assert np.abs(flows.sum(axis=1)).max() < 1e-9
    by_party = {name: flows[name].to_numpy().reshape(len(costs), periods) for name in flows}
    for one in layers:
        assert -np.minimum(by_party[one.name], 0).sum(axis=1).min() <= one.amount + 1e-9
        assert (-by_party[one.name].sum(axis=1) <= one.amount + 1e-9).all()
    fee = by_party["intermediary"].sum(axis=1)
    assert (fee <= terms["fee"] + 1e-9).all()
    assert (fee >= -1e-9).all()
    for row, end in enumerate(ends):  # nothing moves after the end
        assert not np.abs(np.array([values[row, end + 1 :] for values in by_party.values()])).any()
        one = waterfall(
            costs[row], payments[row], layers, ends=end, **(terms | {"unserved": terms["unserved"][row]})
        ).to_numpy()
        assert one == pytest.approx(np.array([values[row] for values in by_party.values()]).T, abs=1e-9)


@given(plans(), st.integers(1, 60), st.integers(1, 60))
def test_the_junior_loses_first(plan, first, second):
    (costs, payments), terms, _ = plan
    layers = [Tranche("senior", first, surplus=0.4), Tranche("junior", second, surplus=0.6)]
    flows = waterfall(costs, payments, layers, **terms)
    lost = []
    for one in layers:
        rows = flows[one.name].to_numpy().reshape(len(costs), -1)
        out = -np.minimum(rows, 0).sum(axis=1)
        lost.append(np.maximum(-rows.sum(axis=1), 0) / np.maximum(out, 1e-9))
    assert (lost[1] >= lost[0] - 1e-9).all()


@given(st.integers(1, 40).map(lambda n: n / 400), st.integers(2, 9))
def test_a_flat_coupon_and_all_principal_return_the_coupon(coupon, periods):
    bond = Tranche("bond", 500, "up front", coupon, owed=True)
    flow = waterfall([500] + [0] * periods, [0] * (periods + 1), [bond])["bond"]
    assert irr(flow) == pytest.approx(coupon)


@given(st.integers(100, 200), st.integers(1, 8))
def test_a_bullet_grows_by_the_root_of_its_multiple(percent, years):
    loan = Tranche("loan", 100, surplus=1.0)
    flow = waterfall([100] + [0] * years, [0] * years + [percent], [loan])["loan"]
    assert irr(flow) == pytest.approx((percent / 100) ** (1 / years) - 1)


@given(st.integers(0, 30).map(lambda n: n / 100), st.integers(3, 6))
def test_a_cap_on_the_return_that_binds_is_the_return(cap, periods):
    loan = Tranche("loan", 300, "as needed", surplus=1.0, return_cap=cap, distribute="as received")
    costs, payments = [100, 100, 100, *[0] * periods], [0, 0, 50, *[900] * periods]
    flows = waterfall(costs, payments, [loan], fee=7)
    assert irr(flows["loan"]) == pytest.approx(cap, abs=1e-9)
    assert -flows["payer"].sum() == pytest.approx(flows["loan"].sum() + 300 + 7)  # the rest went back


def test_a_service_whose_money_is_out_stops():
    layers = [Tranche("a", 90, surplus=0.5), Tranche("b", 60, surplus=0.5)]
    flows = waterfall([100, 100, 0], [0, 0, 180], layers, unserved=[0, 0, 90])
    assert flows["provider"].tolist() == [100, 0, 0]
    assert flows["payer"].tolist() == [0, 0, -90]
    assert flows["a"].tolist() == pytest.approx([-60, 0, 60])  # in proportion to what is undrawn, senior first
    assert flows["b"].tolist() == pytest.approx([-40, 0, 30])


def test_a_protected_layer_is_made_good_up_to_its_share_and_a_guarantee_is_another_thing():
    """Rikers at a fall of 8.5 %: three quarters protected lose a quarter where half was paid back already."""
    layer = Tranche("loan", 9.6, protected=0.75, surplus=1.0)
    assert waterfall([9.6, 0], [0, 4.8], [layer])["loan"].sum() == pytest.approx(-2.4)
    assert cash_flows([9.6, 0], [0, 4.8], guarantee=7.2)["investor"].sum() == 0


def test_newpin_s_note_as_its_terms_have_it():
    rates = np.array([0.55, 0.60, 0.65, 0.70])
    lines = PaymentSchedule(np.c_[rates, (0.03, 0.075, 0.12, 0.15)])
    assert float(lines(0.616)) == pytest.approx(0.0894)
    note = Tranche("note", 7e6, "up front", np.repeat(lines(rates)[:, None], 8, axis=1), owed=True)
    flows = waterfall([0.0] * 8, [0.0] * 8, [note])["note"].to_numpy().reshape(4, 8)
    assert irr(flows) == pytest.approx([0.03, 0.075, 0.12, 0.15])
    last, due = ended([Break("rate", 0.45, 4, 0.75)], {"rate": [0.4, 0.6]}, 8)
    flows = waterfall([0.0] * 8, [0.0] * 8, [Tranche("note", 7e6, "up front", owed=True)], ends=last, redemption=due)
    back = flows["note"].to_numpy().reshape(2, 8)
    assert back[0].tolist() == [-7e6, 0, 0, 0, 0.75 * 7e6, 0, 0, 0]
    assert back[1, -1] == 7e6


def test_dc_water_s_three_tiers():
    """3.43 % half-yearly, and 3.3 million more, nothing, or owed to the payer."""
    bond = Tranche("bond", 25e6, "up front", 0.0343 / 2, owed=True, surplus=1.0)
    beyond = np.zeros((3, 10))
    beyond[:, 9] = [-3.3e6, 0, 3.3e6]
    flows = waterfall([0, *[6.25e6] * 4, *[0] * 5], beyond, [bond])
    got = flows["bond"].to_numpy().reshape(3, 10)
    assert 2 * irr(got[1]) == pytest.approx(0.0343)
    assert np.diff(got.sum(axis=1)) == pytest.approx([3.3e6, 3.3e6])
    paid = flows["payer"].to_numpy().reshape(3, 10)
    assert paid.sum(axis=1) == pytest.approx(-25e6 * (1 + 9 * 0.0343 / 2) - np.array([-3.3e6, 0, 3.3e6]))


@pytest.mark.parametrize(
    ("multiple", "printed"), [(1.05, 0.012), (1.06, 0.015), (1.08, 0.019), (1.14, 0.033), (1.22, 0.051)]
)
def test_rikers_returns(multiple, printed):
    loan = Tranche("loan", 9.6e6, protected=0.75, surplus=1.0)
    flow = waterfall([9.6e6, 0, 0, 0, 0], [0, 0, 0, 0, 9.6e6 * multiple], [loan])["loan"]
    assert irr(flow) == pytest.approx(printed, abs=0.0005)


def test_a_cap_is_used_up_in_time():
    assert use_up([[40, 40, 40], [10, 10, 10]], 100).tolist() == [[40, 40, 20], [10, 10, 10]]


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: Tranche("a", -1), "amount of tranche 'a' is -1"),
        (lambda: Tranche("a", 1, drawn="later"), "drawn of tranche 'a' 'later' is unknown"),
        (lambda: Tranche("a", 1, redemption=1.5), "redemption of tranche 'a' is 1.5 to 1.5"),
        (lambda: Tranche("a", 1, coupon=0.2, return_cap=0.1), "coupon of tranche 'a' is 0.2, above its return_cap"),
        (lambda: waterfall([1], [1], []), "one is needed"),
        (lambda: waterfall([1], [1], [Tranche("payer", 1)]), "none is of payer"),
        (lambda: waterfall([1], [1], [Tranche("a", 1), Tranche("a", 1)]), "names differ"),
        (lambda: waterfall([1], [1], [Tranche(n, 1, surplus=0.6) for n in "ab"]), "sum to 1.2"),
        (lambda: ended([Break("x", 0.5, 7)], {"x": 1}, 7), "the last is 6"),
        (lambda: ended([Break("x", 0.5, 3)], {"y": 1}, 7), "result 'x' is unknown"),
        (lambda: Dated({2: 0.1}), "it needs one at the start"),
    ],
)
def test_what_is_no_stack(make, says):
    with pytest.raises((ValueError, KeyError), match=says):
        make()
