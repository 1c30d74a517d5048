"""Case files for the tests: an invented one, and random valid ones."""

from hypothesis import strategies as st

from sibmodels import casefile
from sibmodels.casefile.lay import fold
from sibmodels.casefile.problems import TAKEN
from sibmodels.rules import RULES

HARBOUR = """\
# An invented example: no such town, service or contract.
[case]
name = "Harbour Town back to work (invented)"
country = "GB"
sector = "Employment and training"
currency = "GBP"

[cohort]
people = 200
comparison = 150

[timing]
start = "2027-04"
end = "2030-03"
lag = 1

[contract]
fixed_payment = 60000
cap = 480000

[investment]
amount = 300000
fee = 10000
guarantee = 20000

[[outcome]]
name = "in work"
schedule = "proportional"
target = 0.4
floor = 0.15
payment = 300000
payers = { "Town council" = 0.6, "Ministry" = 0.4 }
expected = { value = 0.35, low = 0.2, high = 0.5, note = "the two like it that we know" }
baseline = { value = 0.22, low = 0.1, high = 0.3 }
measured = ["2028-09", "2029-09"]

[[outcome]]
name = "qualified"
unit = "people"
schedule = "rate card"
price = 1500
cap = 120000
payers = { "Town council" = 1 }
expected = { value = 0.3, low = 0.15, high = 0.5 }
baseline = 0.05
measured = ["2028-03", "2029-03"]

[[outcome]]
name = "debt"
schedule = "linear"
points = [[0.1, -5000], [0.3, 20000], [0.6, 80000]]
expected = 0.4

[[outcome]]
name = "wellbeing"
schedule = "none"
expected = { value = 0.5, low = 0.3, high = 0.7 }

[[cost]]
name = "Coaching"
amount = { value = 320000, low = 290000, high = 370000 }
end = "2029-09"

[[cost]]
name = "Management and evaluation"
amount = 40000

[[stakeholder]]
name = "Participants"
role = "service users"
values = { "in work" = 1, "wellbeing" = 2 }
"""

RIVERSIDE = """\
# An invented example: no such service or contract.
[case]
name = "Riverside Steps (invented)"
currency = "GBP"

[cohort]
people = 180

[timing]
start = "2027-04"
end = "2030-03"

[contract]
fixed_payment = 60000

[investment]
amount = 120000
wanted = 0.06

[[outcome]]
name = "together"
unit = "people"
schedule = "rate card"
price = 1500
cap = 150000
payers = { "Council" = 1 }
expected = { value = 0.6, low = 0.45, high = 0.72 }

[[outcome]]
name = "attendance"
schedule = "threshold"
target = 0.7
payment = 90000
payers = { "Council" = 0.8, "Central fund" = 0.2 }
expected = { value = 0.68, low = 0.6, high = 0.8 }
measured = ["2029-03", "2030-03"]

[[cost]]
name = "Service"
amount = { value = 210000, low = 190000, high = 240000 }

[[cost]]
name = "Management"
amount = 30000
"""
"""One outcome without months of measuring, and too little money until it is paid."""

words = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn")), max_size=30)
names = words.map(lambda text: " ".join(text.split())).filter(bool)
money = st.integers(1, 10**9).map(lambda cents: cents / 100) | st.floats(0.01, 1e9)
shares = st.floats(0.01, 0.99)


def figures(values):
    """A fact, or an assumption with its range."""
    ranged = st.tuples(values, values, values, words).map(
        lambda got: dict(zip(("low", "value", "high"), sorted(got[:3]), strict=True)) | {"note": got[3]}
    )
    return values | ranged


@st.composite
def months(draw, low=0, high=35):
    number = draw(st.integers(low, high))
    return f"{2027 + number // 12}-{number % 12 + 1:02d}"


def points(most):
    pairs = st.tuples(st.integers(0, 1000), st.integers(-(10**6), 10**6))
    listed = st.lists(pairs, min_size=1, max_size=5, unique_by=lambda pair: pair[0]).map(sorted)
    made = listed.map(lambda drawn: [[x / 1000 * most, y / 100] for x, y in drawn])
    return made if most == 1 else made.filter(lambda pairs: not 0 < pairs[-1][0] <= 1)  # a count, no share


AMOUNTS = {"amount": "payment"}
TERMS = {  # what a rule may need, for performance up to `most`
    "target": lambda most: st.floats(0.5, 1.0).map(lambda share: share * most),
    "amount": lambda most: figures(money),
    "floor": lambda most: st.floats(0.01, 0.4).map(lambda share: share * most) | st.just(0.0),
    "price": lambda most: figures(money),
    "cap": lambda most: money,
    "points": points,
}


@st.composite
def outcomes(draw, name):
    unit = draw(st.sampled_from(["share", "people"]))
    kinds = [name for name, rule in RULES.items() if unit == "people" or not rule.counts]
    schedule = draw(st.sampled_from([*kinds, "none"]))
    most = 1.0 if unit == "share" else 500.0
    one = {"name": name, "unit": unit, "schedule": schedule, "expected": draw(figures(shares))}
    if schedule != "none":
        rule = RULES[schedule]
        keys = [*rule.needs, *(key for key in rule.may if draw(st.booleans()))]
        one |= {AMOUNTS.get(key, key): draw(TERMS[key](most)) for key in keys}
    payers = [f"{name}{n}" for n, name in enumerate(draw(st.lists(names, min_size=1, max_size=3)))]
    parts = [draw(st.integers(1, 9)) for _ in payers]
    one["payers"] = {payer: part / sum(parts) for payer, part in zip(payers, parts, strict=True)}
    if draw(st.booleans()):
        one["measured"] = sorted(draw(st.sets(months(), min_size=1, max_size=3)))
    return one


@st.composite
def tables(draw):
    """A valid case as tables."""
    free = names.filter(lambda name: fold(name) not in TAKEN)
    labels = draw(st.lists(free, min_size=1, max_size=3, unique_by=fold))
    when = {"start": draw(months(0, 10)), "end": draw(months(11, 35))}
    made = {
        "case": {"name": draw(names), "currency": draw(st.sampled_from(["GBP", "JPY"])), "about": draw(words)},
        "cohort": {"people": draw(st.integers(500, 5000))},
        "timing": {"start": "2027-01", "end": "2029-12", "lag": draw(st.integers(0, 5))},
        "contract": {"fixed_payment": draw(money)} if draw(st.booleans()) else {},
        "outcome": [draw(outcomes(label)) for label in labels],
        "cost": [{"name": draw(names), "amount": draw(figures(money))} | when],
        "stakeholder": [{"name": draw(names), "values": {draw(names): draw(money)}}] if draw(st.booleans()) else [],
    }
    spent = made["cost"][0]["amount"]
    spent = spent["value"] if isinstance(spent, dict) else spent
    made["investment"] = {key: draw(st.floats(0.2, 1)) * spent for key in ("fee", "guarantee")}
    made["timing"]["period"] = draw(st.sampled_from(list(casefile.PERIODS)))
    return made


def built(made: dict) -> casefile.CaseFile:
    return casefile.build(made, lambda path: "test", [])


cases = tables().map(built)
