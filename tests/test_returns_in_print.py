"""What four chapters print of returns, weights and health, against sums written out here, not by the package."""

import re
from itertools import combinations, product
from pathlib import Path

import nbformat
import pytest

from sibmodels import tables

BOOK = Path(__file__).parents[1] / "book"


def printed(chapter: str, caption: str) -> list[list[str]]:
    """The rows of a table that a chapter prints, by its caption; a row's name is cut at double spaces."""
    for cell in nbformat.read(BOOK / f"{chapter}.ipynb", as_version=4).cells:
        for output in cell.get("outputs", []):
            text = output.get("data", {}).get("text/plain", "")
            if text.startswith(caption):
                lines = text.splitlines()[3:]
                return [[part for part in line.strip().split("  ") if part] for line in lines]
    raise AssertionError(f"{chapter} prints no table {caption!r}")


def said(chapter: str, start: str) -> list[str]:
    """The lines that a cell prints one by one, by how the first begins."""
    for cell in nbformat.read(BOOK / f"{chapter}.ipynb", as_version=4).cells:
        for output in cell.get("outputs", []):
            if output.get("text", "").startswith(start):
                return output["text"].splitlines()
    raise AssertionError(f"{chapter} says nothing that begins with {start!r}")


def present(sums: dict[float, float], rate: float) -> float:
    """Value of sums by quarter at a yearly rate."""
    return sum(sum_ / (1 + rate) ** (quarter / 4) for quarter, sum_ in sums.items())


def thirds(size: float) -> dict[float, float]:
    return dict.fromkeys(range(3), -size / 3)


RETURNS = [" ".join(row).split() for row in printed("cases/kobe", "What investors")]


@pytest.mark.parametrize("row", RETURNS, ids=lambda row: " ".join(row[:3]))
def test_what_kobe_s_investors_gained(row):
    """Each printed return, and those half a hundredth beside it, lie on both sides of a value of 0."""
    size, total = float(row[0]), {"paid": 29.43, "cap": 34.06}[next(word for word in row if word in ("paid", "cap"))]
    gain, passed_on, earlier, held = map(float, row[-4:])
    assert gain == pytest.approx(total - size, abs=0.005)
    ways = {
        passed_on: {5: 26.2, 13: total - 26.2},
        earlier: {3: 10.48, 5: 15.72, 13: total - 26.2},
        held: {13: total},
    }
    for rate, received in ways.items():
        below, above = (present(thirds(size) | received, (rate + step) / 100) for step in (-0.0051, 0.0051))
        assert below > 0 > above, (rate, below, above)


def test_a_multiple_where_every_payment_follows_its_cost_by_a_year():
    rows = {
        " ".join(row[:-1]).strip(): float(row[-1]) for row in printed("cases/uk-commissioner-led", "Paid as it goes")
    }
    central = next(
        row for row in printed("cases/uk-commissioner-led", "Maximum needed") if " ".join(row).startswith("central")
    )
    share = float(" ".join(central).split()[1]) / 100
    assert rows["nothing held"] == rows["formula"] == pytest.approx(1.07 / share, abs=0.0006)
    assert rows["nothing held"] < rows["costs still due held"] < rows["all held"]
    # all held: costs are met from what is held, and all that is left comes in the sixth year
    earned = rows["all held"] * share / 5
    holding, flows = 0.0, []
    for year in range(6):
        holding += (earned if year else 0) - (0.2 if year < 5 else 0)
        flows.append(min(holding, 0.0))
        holding = max(holding, 0.0)
    flows[-1] += holding
    assert present({4 * year: flow for year, flow in enumerate(flows)}, 0.07) == pytest.approx(0, abs=0.0006)


def test_a_premium_for_time_alone():
    """A sure sum that comes as Kobe's payments are expected to come costs what its mean wait costs, nearly."""
    rows = [" ".join(row).split() for row in printed("framing/npm", "The premium taken apart")]
    terms = {" ".join(row[:-4]): [float(part) for part in row[-3:]] for row in rows}
    for contract, wait in {"as in Kobe": (1.2, 1.6), "results only": (1.4, 1.8)}.items():
        for rate in (2, 3.5, 5):
            time, risk, together = terms[f"{contract} {rate:g}"]
            assert 100 * ((1 + rate / 100) ** wait[0] - 1) < time < 100 * ((1 + rate / 100) ** wait[1] - 1)
            assert time + risk == pytest.approx(together, abs=0.11)
        assert terms[f"{contract} 0"][0] == 0


def test_a_bill_that_can_be_expected_is_not_the_maximum_and_its_payers_wait_too():
    soon, soon_now, late, late_now = (
        float(number)
        for line in said("cases/uk-commissioner-led", "paid as it goes")
        for number in re.findall(r"\b\d\.\d\d\b", line)
    )
    grown = sum(0.2 * 1.07 ** (5 - year) for year in range(5))  # five yearly costs, repaid at once in the sixth year
    costs = sum(0.2 / 1.035**year for year in range(5))
    assert (soon, late) == pytest.approx((1.07, grown), abs=0.006)
    assert (soon_now, late_now) == pytest.approx((1.07 / 1.035, grown / 1.035**5 / costs), abs=0.006)


def test_what_a_hurdle_rate_costs_a_payer_who_waits_as_long():
    """Below the payer's own rate a longer wait is cheaper, above it dearer; payments wait a year, the last three."""
    lines = said("framing/npm", "for 2 % a year")
    for first, rate in ((0, 0.02), (4, 0.05), (8, 0.075), (12, 0.15)):
        premiums = [float(line.split(":")[1].split()[0]) for line in lines[first + 1 : first + 4]]
        assert sorted(premiums, key=abs) == premiums
        for premium, last in zip(premiums, (0.0, 0.19, 0.28), strict=True):
            paid, asked = ((1 - last) / (1 + each) + last / (1 + each) ** 3 for each in (0.04, rate))
            assert premium == pytest.approx(100 * (paid / asked - 1), abs=0.15)


def test_drift_explains_the_eighth_only_where_wellbeing_is_as_hard_to_move_as_hospital_care():
    rows = {
        (int(ease), int(times)): shares
        for ease, times, _, *shares in (" ".join(row).split() for row in printed("cases/uk-provider-led", "Best share"))
    }
    # tasks that do not compete: each is paid ease^2 / (ease^2 + risk) of its worth, times its target
    for (ease, times), (apart, *_) in rows.items():
        wellbeing, other = 0.6 * ease**2 / (ease**2 + 0.2 * times), 0.4 / 1.2
        assert float(apart) == pytest.approx(100 * wellbeing / (wellbeing + 3 * other), abs=0.51)
    small = {key for key, shares in rows.items() if min(map(float, shares)) < 12.5}
    assert small == {(1, 20)}


ASSUMED = tables.read("assumptions").query("case == 'kobe'").set_index("key")[["value", "low", "high"]].astype(float)
DISEASE = ASSUMED.loc["progress_micro":"discount"]
CENTRAL = DISEASE["value"].to_dict()
STEPS = ("micro", "macro", "raised")


def years_lived(p: dict, effect: float, lasting: float, years: int) -> list[list[float]]:
    """105 people by year in the three stages and on dialysis: the mean of each year's start and end, discounted."""
    now = [1 - p["start_macro"] - p["start_raised"], p["start_macro"], p["start_raised"], 0.0]
    deaths = [p[f"death_{stage}"] for stage in (*STEPS, "dialysis")]
    lived = []
    for year in range(years):
        slowed = 1 - effect if year < lasting else 1.0
        moved = [people * p[f"progress_{stage}"] * slowed for stage, people in zip(STEPS, now, strict=False)] + [0.0]
        later = [
            people * (1 - death) - gone + come
            for people, death, gone, come in zip(now, deaths, moved, [0.0, *moved], strict=False)
        ]
        lived.append([105 * (a + b) / 2 / (1 + p["discount"]) ** year for a, b in zip(now, later, strict=True)])
        now = later
    return lived


def dialysis(p: dict, effect: float, within: tuple[float, ...]) -> float:
    """Cost of dialysis, million JPY, over the years given by the share of each that counts."""
    lived = years_lived(p, effect, p["effect_years"], len(within))
    return sum(5 * share * year[3] for share, year in zip(within, lived, strict=True))


@pytest.mark.parametrize(
    ("case", "change"),
    [("central", {}), ("effect: 1 year", {"effect_years": 1}), ("effect: a tenth, 5 years", {"effect": 0.1})],
)
def test_what_a_healthy_year_costs_in_kobe(case, change):
    row = next(row for row in printed("cases/kobe", "Health gained") if " ".join(row).startswith(case))
    life, healthy, left, each = map(float, " ".join(row).split()[-4:])
    p = CENTRAL | change
    gained = [
        [after - before for after, before in zip(*pair, strict=True)]
        for pair in zip(years_lived(p, p["effect"], p["effect_years"], 30), years_lived(p, 0, 0, 30), strict=True)
    ]
    weights = ASSUMED.loc["weight_micro":"weight_dialysis", "value"]
    quality = sum(weight * years for year in gained for weight, years in zip(weights, year, strict=True))
    owed = 29.43 + sum(5 * year[3] for year in gained)
    assert life == pytest.approx(sum(map(sum, gained)), abs=0.051)
    assert (healthy, left) == pytest.approx((quality, owed), abs=0.055)  # the model pays 29.432
    assert each == pytest.approx(owed / quality, abs=0.06)


def test_no_two_assumptions_at_their_ends_bring_kobe_s_payment_back_in_time_and_one_three_do():
    within = (1.0, 1.0, 0.75)

    def saved(keys, ends):
        p = CENTRAL | {key: DISEASE.loc[key, end] for key, end in zip(keys, ends, strict=True)}
        return dialysis(p, 0, within) - dialysis(p, p["effect"], within)

    def enough(count):
        return {
            keys
            for keys in combinations(DISEASE.index, count)
            if any(saved(keys, ends) >= 29.43 for ends in product(("low", "high"), repeat=count))
        }

    assert not enough(1)
    assert not enough(2)
    assert {frozenset(keys) for keys in enough(3)} == {frozenset({"effect", "start_raised", "progress_raised"})}
