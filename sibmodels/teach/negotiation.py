"""A negotiation game: four roles agree on a contract, and it is played against draws that nobody knew.

Everything in it is invented (``data/game.csv``). The model is small enough to say aloud: hours of support
raise two rates, work and wellbeing, each by a gain times the square root of the full hours spent on it;
the provider splits its hours between the two as the prices do, in so far as it is paid by results, and as
its mission does otherwise.
"""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sibmodels import _arguments as check
from sibmodels import tables
from sibmodels.cashflows import cash_flows, irr, peak_draw
from sibmodels.contracts import Contract, Outcome, PaymentSchedule
from sibmodels.simulation import simulate
from sibmodels.teach import handed

__all__ = [
    "EVALUATIONS",
    "ROLES",
    "TermSheet",
    "blank_sheet",
    "debrief",
    "dry_run",
    "odds",
    "play",
    "read_sheet",
    "read_sheets",
    "seats",
    "secrets",
]

ROLES = ("commissioner", "provider", "investor", "intermediary")
"""Who sits at a table."""
EVALUATIONS = ("count", "compare")
"""How results may be told: counted, or compared with those of people who were not served."""
NEEDED = 0.01  # a penny more or less misses no aim


@dataclass(frozen=True)
class TermSheet:
    """What the parties signed; amounts in GBP. `blank_sheet` says what each term means.

    Examples
    --------
    >>> TermSheet("Table 1", **dry_run(), evaluation="compare").price
    2000.0
    """

    name: str
    people: float
    hours: float
    price: float
    fixed: float
    pay_work: float
    pay_wellbeing: float
    cap: float
    fee: float
    guarantee: float
    evaluation: str

    def __post_init__(self) -> None:
        check.no_problems(_problems({**vars(self)}).values())
        for term in _terms().index:
            object.__setattr__(self, term, float(getattr(self, term)))

    def contract(self) -> Contract:
        """What the commissioner pays for, as every contract of this book is written."""
        prices = {"work": self.pay_work, "wellbeing": self.pay_wellbeing}
        outcomes = [
            Outcome(name, PaymentSchedule.rate_card(price), {"commissioner": 1.0}, unit="people")
            for name, price in prices.items()
            if price
        ]
        return Contract(self.name, "GBP", outcomes, self.fixed, self.cap)

    def work_share(self) -> float:
        """The share of hours that goes into work: as the prices say, in so far as pay hangs on results."""
        at_stake = (self.pay_work + self.pay_wellbeing) * self.people
        by_results = at_stake / (at_stake + self.fixed)
        priced = self.pay_work / (self.pay_work + self.pay_wellbeing)
        return float(by_results * priced + (1 - by_results) * _number("provider", "mission"))


def secrets(role: str) -> pd.DataFrame:
    """What one role knows and wants: the rows of ``game.csv`` that its sheet shows.

    >>> secrets("investor")["key"].tolist()
    ['purse', 'return']
    """
    check.one_of(role, ("everybody", *ROLES), "role")
    rows = tables.read("game")
    return rows[rows["role"] == role].reset_index(drop=True)


def dry_run() -> dict[str, float]:
    """The terms of the book's own dry run, by name; `evaluation` apart."""
    return {str(term): float(value) for term, value in _terms()["value"].items()}


def blank_sheet() -> str:
    r"""The term sheet as a TOML file to fill in: a comment on each term, and no number.

    >>> print(*blank_sheet().splitlines()[:4], sep="\n")
    # Term sheet. Write after each = sign; amounts in GBP without separators: 340000
    name = ""
    <BLANKLINE>
    # People to be served: 60 to 160
    """
    lines = ["# Term sheet. Write after each = sign; amounts in GBP without separators: 340000", 'name = ""', ""]
    for key, term in _terms().iterrows():
        lines += [f"# {term['label']}: {term['low']:.0f} to {term['high']:.0f}", f"{key} =", ""]
    lines += [
        '# Paid on those counted ("count"), or only on those beyond a comparison group ("compare")',
        "evaluation =",
    ]
    return "\n".join(lines) + "\n"


def read_sheet(path: str | Path) -> TermSheet:
    """A term sheet from a TOML file, as `blank_sheet` has it.

    Raises
    ------
    ValueError
        With every problem in the file, each with its line and what is allowed.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"{path}: there is no such file; write one with negotiation.blank_sheet()")
    if path.stat().st_size > 100_000:
        check.no_problems([f"{path.name} holds {path.stat().st_size:,} bytes; a term sheet holds less than 100,000"])
    return _read(handed.one(path))


def _read(sheet: handed.Sheet) -> TermSheet:
    """The term sheet in a file, under the file's name where it has none."""
    text, _ = handed.text(sheet.raw)
    values: dict[str, Any] = {}
    lines: dict[str, int] = {}
    problems: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        key, _, value = (part.strip() for part in line.partition("="))
        if not key or key.startswith("#"):
            continue
        if key in lines:
            problems[key] = f"{key} is there twice, first in line {lines[key]}; one value is needed"
        lines[key] = number
        if not value or value.startswith("#"):
            continue  # no value yet
        try:
            values[key] = handed.value(value)
        except tomllib.TOMLDecodeError:
            problems[key] = f'{key} is {value}; a bare number (340000), or a word in straight "quotes", is needed'
    values["name"] = values.get("name") or sheet.owner
    unread = {key for key in lines if key not in values}
    problems = _problems(values | dict.fromkeys(unread)) | problems
    check.no_problems(
        f"{sheet.file}, line {lines[key]}: {problem}" if key in lines else f"{sheet.file}: {problem}"
        for key, problem in sorted(problems.items(), key=lambda item: lines.get(item[0], 10**6))
    )
    return TermSheet(**values)


def read_sheets(folder: str | Path) -> list[TermSheet]:
    """The term sheets of a class, one for each table.

    Parameters
    ----------
    folder : str or Path
        A folder of ``.toml`` files, under whatever further endings and copies they come, or the ``.zip`` that a
        learning platform makes of them.

    Raises
    ------
    ValueError
        With every problem in every file; also where two tables have the same name.
    """
    folder = Path(folder)
    if not folder.exists():
        raise FileNotFoundError(f"{folder}: there is no such folder; put the term sheets of all tables into one")
    pile = handed.gather(folder, ".toml")
    if not pile.sheets and not pile.problems:
        there = ", ".join(file for file, _ in pile.notes) or "nothing"
        raise ValueError(f"{folder} holds {there}; a file that ends in .toml is needed for each table")
    problems = list(pile.problems)
    signed: dict[str, tuple[str, TermSheet]] = {}
    for file in pile.sheets:
        try:
            sheet = _read(file)
        except check.ProblemsError as error:
            problems += error.problems
            continue
        if sheet.name in signed:
            first = signed[sheet.name][0]
            problems.append(f"{file.file}: a table named {sheet.name!r} is there already, in {first}")
        signed.setdefault(sheet.name, (file.file, sheet))
    check.no_problems(problems)
    return [sheet for _, sheet in signed.values()]


def seats(players: Sequence[str]) -> pd.DataFrame:
    """Who sits where: tables of four and, where the number does not divide, pairs that share a role.

    Parameters
    ----------
    players : sequence of str
        Names, at least one. Fewer than four play several roles each.

    Returns
    -------
    DataFrame
        Columns ``table``, ``role``, ``player``. Every table has every role.

    Examples
    --------
    >>> seats(["Ann", "Ben", "Cho", "Dev", "Eve"]).values.tolist()[:2]
    [[1, 'commissioner', 'Ann'], [1, 'commissioner', 'Eve']]
    """
    players = [str(player) for player in players]
    if not players or len(set(players)) < len(players):
        raise ValueError(f"players are {players}; at least one is needed, and each name once")
    count = max(len(players) // len(ROLES), 1)
    filled = [players[i % len(players)] for i in range(max(len(players), len(ROLES)))]
    rows = [(i % count + 1, (i // count) % len(ROLES), player) for i, player in enumerate(filled)]
    table = pd.DataFrame(rows, columns=["table", "role", "player"]).sort_values(["table", "role"], kind="stable")
    return table.assign(role=[ROLES[role] for role in table["role"]]).reset_index(drop=True)


def play(sheet: TermSheet, draws: int = 1, seed: int = 0) -> pd.DataFrame:
    """Play the contract against worlds that nobody knew.

    Parameters
    ----------
    sheet : TermSheet
    draws : int, optional
        How many worlds.
    seed : int, optional
        The same seed gives the same worlds for the same terms.

    Returns
    -------
    DataFrame
        A row a world. Counted, in people: ``work``, ``wellbeing`` and, without the service, ``work_anyway``,
        ``wellbeing_anyway``; ``more_in_work``, ``better`` (the differences: what users get). Money, in GBP:
        ``paid`` by the commissioner; ``surplus`` of the commissioner, provider and intermediary, each in a
        column of the role's name, and ``investor``, its gain; ``put_in``, the most that the investor had
        out, ``return`` a year, and ``guaranteed``, what the guarantor paid.

    Notes
    -----
    The service costs the same in both years. The fixed payment comes half in each; what results earn comes
    half after one year and half after two. The investor is paid at the end with what is left, and nothing
    before: that is a term of the game's contract (`cash_flows` knows the other). Left out: bargaining costs,
    tax, interest, a provider that learns or selects, and everybody who is not at the table.

    Examples
    --------
    >>> world = play(TermSheet("Dry run", **dry_run(), evaluation="compare"), seed=1).iloc[0]
    >>> bool(world["paid"] <= 300_000), bool(world["more_in_work"] == world["work"] - world["work_anyway"])
    (True, True)
    """
    worlds = _worlds(sheet, draws, seed)
    worlds["more_in_work"] = worlds["work"] - worlds["work_anyway"]
    worlds["better"] = worlds["wellbeing"] - worlds["wellbeing_anyway"]
    contract = sheet.contract()
    counted = {"work": worlds["work"], "wellbeing": worlds["wellbeing"]}
    if sheet.evaluation == "compare":
        counted = {"work": worlds["more_in_work"].clip(lower=0), "wellbeing": worlds["better"].clip(lower=0)}
    worlds["paid"] = contract.total({name: counted[name].to_numpy() for name in contract.names})

    service = sheet.people * sheet.price
    compared = _number("everybody", "evaluation_cost") if sheet.evaluation == "compare" else 0.0
    costs = [service / 2 + compared, service / 2, 0.0]
    earned = (worlds["paid"].to_numpy() - sheet.fixed) / 2
    payments = np.column_stack([np.zeros_like(earned), earned, earned])
    payments[:, :2] += sheet.fixed / 2
    # a term of the game's contract, and of the sums on its role sheets: the investor is paid at the end
    flows = cash_flows(costs, payments, fee=sheet.fee, guarantee=sheet.guarantee, distribute="at the end")
    by_party = {party: flows[party].to_numpy().reshape(payments.shape) for party in flows}
    investor = by_party["investor"]
    worlds["investor"] = investor.sum(axis=1)
    worlds["put_in"] = peak_draw(investor)
    worlds["return"] = irr(investor)
    worlds["guaranteed"] = -by_party["guarantor"].sum(axis=1) + 0.0
    bonus = _number("intermediary", "compare_bonus") if sheet.evaluation == "compare" else 0.0
    fee = by_party["intermediary"].sum(axis=1)
    worlds["intermediary"] = fee + bonus - _number("intermediary", "own_cost") - worlds["guaranteed"]
    own = _number("provider", "cost_person") + _number("provider", "cost_hour") * sheet.hours
    worlds["provider"] = service - sheet.people * own
    worth = worlds["more_in_work"] * _number("commissioner", "worth_work")
    worth += worlds["better"] * _number("commissioner", "worth_wellbeing")
    worlds["commissioner"] = worth - worlds["paid"]
    return worlds.rename_axis("world")


def debrief(sheet: TermSheet, world: pd.Series[float]) -> pd.DataFrame:
    """What each role wanted and got in one world.

    Returns
    -------
    DataFrame
        Columns ``role``, ``wanted``, ``bar``, ``got``, ``unit``, ``met``.

    Examples
    --------
    >>> sheet = TermSheet("Dry run", **dry_run(), evaluation="compare")
    >>> debrief(sheet, play(sheet, seed=1).iloc[0])["role"].unique().tolist()
    ['commissioner', 'provider', 'investor', 'intermediary']
    """
    rows = []
    for role, key, got, met in _aims(sheet, world):
        row = _game()[role, key]
        rows.append((role, row.label, row.value, got, row.unit, bool(met)))
    return pd.DataFrame(rows, columns=["role", "wanted", "bar", "got", "unit", "met"])


def odds(sheet: TermSheet, draws: int = 1_000, seed: int = 0) -> pd.DataFrame:
    """In how many of many worlds each role would have had what it wanted.

    Returns
    -------
    DataFrame
        Index ``role``; columns ``all aims met`` (share of worlds) and ``worst tenth``, the gain in money
        that is not reached in one world of ten.

    Examples
    --------
    >>> odds(TermSheet("Dry run", **dry_run(), evaluation="count"), draws=50).index.tolist()
    ['commissioner', 'provider', 'investor', 'intermediary']
    """
    worlds = play(sheet, draws, seed)
    met = pd.DataFrame(True, index=worlds.index, columns=list(ROLES))
    for role, _, _, reached in _aims(sheet, worlds):
        met[role] &= reached
    result = pd.DataFrame({"all aims met": met.mean(), "worst tenth": worlds[list(ROLES)].quantile(0.1)})
    return result.loc[list(ROLES)].rename_axis("role")


def _aims(sheet: TermSheet, world: pd.Series[Any] | pd.DataFrame) -> Iterator[tuple[str, str, Any, Any]]:
    """Role, key of its bar, what it got, and whether that meets the bar; for one world or for many."""
    least = {"commissioner": ("surplus", world["commissioner"]), "provider": ("margin", world["provider"])}
    most = {"commissioner": ("budget", sheet.cap), "investor": ("purse", world["put_in"])}
    least["investor"] = "return", world["return"]  # NaN where nothing was put in: no return to miss
    least["intermediary"] = "surplus", world["intermediary"]
    most["intermediary"] = "guarantee_most", sheet.guarantee
    for role in ROLES:
        if role in most:
            key, got = most[role]
            yield role, key, got, got <= _number(role, key) + NEEDED
        if role == "provider":
            yield role, "least_hours", sheet.hours, sheet.hours >= _number(role, "least_hours")
        key, got = least[role]
        # a return is a share: a hundredth of it is not nothing
        close = 1e-9 if key == "return" else NEEDED
        yield role, key, got, np.isnan(got) | (got >= _number(role, key) - close)


def _worlds(sheet: TermSheet, draws: int, seed: int) -> pd.DataFrame:
    """People counted with the service and, drawn together with them, without it."""
    split = {"work": sheet.work_share(), "wellbeing": 1 - sheet.work_share()}
    full = sheet.hours / _number("everybody", "full_hours")
    concentration = _number("everybody", "concentration")
    outlook = {}
    for name, share in split.items():
        base = _number("everybody", f"base_{name}")
        gain = _number("intermediary", f"gain_{name}")
        outlook[name] = (min(base + gain * np.sqrt(share * full), 0.99), concentration)
        outlook[f"{name}_anyway"] = (base, concentration)
    nothing = PaymentSchedule([(0.0, 0.0)])
    counted = Contract("counts", "GBP", [Outcome(name, nothing, unit="people") for name in outlook])
    drawn = simulate(counted, outlook, int(sheet.people), draws, _number("everybody", "rho"), seed)
    return drawn.drop(columns="total_payment")


@functools.cache
def _game() -> dict[tuple[str, str], Any]:
    """The rows of ``game.csv`` by role and key."""
    return {(row.role, row.key): row for row in tables.rows(tables.read("game"))}


@functools.cache
def _terms() -> pd.DataFrame:
    rows = tables.read("game")
    return rows[rows["role"] == "term sheet"].set_index("key")


def _number(role: str, key: str) -> float:
    return float(_game()[role, key].value)


def _problems(values: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong with the terms, by term."""
    terms = _terms()
    needed = ["name", *terms.index, "evaluation"]
    problems: dict[str, str] = {}
    for key in values:
        if key not in needed:
            try:
                check.one_of(key, needed, "term")
            except ValueError as error:
                problems[key] = str(error)
    for term in tables.rows(terms):
        key, label = term.Index, term.label[:1].lower() + term.label[1:]
        allowed = f"a number from {term.low:.0f} to {term.high:.0f} is needed ({label})"
        value = values.get(key)
        if value is None:
            problems[key] = f"{key} has no value yet; {allowed}"
        elif isinstance(value, bool) or not isinstance(value, int | float) or not term.low <= value <= term.high:
            problems[key] = f"{key} is {value!r}; {allowed}"
        elif key == "people" and value != int(value):
            problems[key] = f"people is {value!r}; a whole number is needed"
    evaluation = values.get("evaluation")
    if evaluation not in EVALUATIONS:
        was = "has no value yet" if evaluation is None else f"is {evaluation!r}"
        problems["evaluation"] = f'evaluation {was}; "count" or "compare" is needed'
    if not isinstance(values.get("name", ""), str):
        problems["name"] = f'name is {values["name"]!r}; a word in "quotes" is needed'
    if not {"pay_work", "pay_wellbeing"} & set(problems) and values["pay_work"] + values["pay_wellbeing"] == 0:
        problems["pay_work"] = "pay_work and pay_wellbeing are both 0; then nothing is paid for results"
    if not {"fixed", "cap"} & set(problems) and values["fixed"] > values["cap"]:
        problems["fixed"] = (
            f"fixed is {values['fixed']:,.0f}, more than the cap of {values['cap']:,.0f}; it is part of it"
        )
    return problems
