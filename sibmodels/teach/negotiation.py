"""A negotiation game: five seats agree on a contract, and it is played against worlds that nobody knew.

Everything in it is invented (``data/game.csv``). The model is small enough to say aloud: after signing, the provider
decides in secret how many hours each person gets for work and for wellbeing. Hours raise two shares, each by a gain
times the square root of the full hours spent on it. Those furthest from work gain most, and some of them leave where
nobody asks how they feel.
"""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from sibmodels import _arguments as check
from sibmodels import tables
from sibmodels._arguments import Floats
from sibmodels.cashflows import cash_flows, irr, peak_draw
from sibmodels.contracts import Contract, Outcome, PaymentSchedule
from sibmodels.teach import handed

__all__ = [
    "EVALUATIONS",
    "ROLES",
    "TermSheet",
    "blank_sheet",
    "burden",
    "chosen_hours",
    "debrief",
    "example",
    "odds",
    "play",
    "points",
    "read_sheet",
    "read_sheets",
    "scores",
    "seats",
    "secrets",
    "settle",
]

ROLES = ("commissioner", "provider", "investor", "intermediary", "users")
"""Who sits at a table."""
EVALUATIONS = ("count", "compare")
"""How results may be told: counted, or compared with those of people who were not served."""
LEAST = -10.0
"""No seat has fewer points; a seat that signs beyond its own limit has so many."""
STEP = 5.0  # hours between those that the book's provider thinks about
THOUGHT = 200  # worlds that it thinks about


@dataclass(frozen=True)
class TermSheet:
    """What the parties signed; amounts in GBP. `blank_sheet` says what each term means.

    Examples
    --------
    >>> TermSheet("Table 1", **example(), evaluation="compare").price
    950.0
    """

    name: str
    places: float
    price: float
    share: float
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

    def paid(self, work: ArrayLike, wellbeing: ArrayLike) -> Any:
        """What `contract` pays in all for so many people, whatever the shape of the arrays."""
        return np.minimum(self.fixed + self._earned(work, wellbeing), self.cap)

    def _earned(self, work: ArrayLike, wellbeing: ArrayLike) -> Any:
        return self.pay_work * np.asarray(work) + self.pay_wellbeing * np.asarray(wellbeing)


def secrets(role: str) -> pd.DataFrame:
    """What one role knows and wants: the rows of ``game.csv`` that its sheet shows.

    >>> secrets("investor")["key"].tolist()
    ['own_cost', 'purse', 'bar', 'walk_away']
    """
    check.one_of(role, ("everybody", *ROLES), "role")
    rows = tables.read("game")
    return rows[rows["role"] == role].reset_index(drop=True)


def example() -> dict[str, float]:
    """The terms of the book's own example, which nobody signed, by name; `evaluation` apart."""
    return {str(term): float(value) for term, value in _terms()["value"].items()}


def blank_sheet() -> str:
    r"""The term sheet as a TOML file to fill in: a comment on each term, and no number.

    >>> print(*blank_sheet().splitlines()[:4], sep="\n")
    # Term sheet. Write after each = sign; amounts in GBP without separators: 340000
    name = ""
    <BLANKLINE>
    # Places kept for those furthest from work, of the 100: 0 to 60
    """
    lines = ["# Term sheet. Write after each = sign; amounts in GBP without separators: 340000", 'name = ""', ""]
    for key, term in _terms().iterrows():
        lines += [f"# {term['label']}: {term['low']:,.0f} to {term['high']:,.0f}", f"{key} =", ""]
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
    """Who sits where: tables of five, and of four where the number asks for it.

    Parameters
    ----------
    players : sequence of str
        Names, at least one. At a table of four the intermediary's player holds the users' sheet too; three or fewer
        play several roles each. Where neither fives nor fours come out even (6, 7 and 11 players), some share a
        role in pairs and agree with each other first.

    Returns
    -------
    DataFrame
        Columns ``table``, ``role``, ``player``. Every table has every role.

    Examples
    --------
    >>> seats(["Ann", "Ben", "Cho", "Dev"]).values.tolist()[3:]
    [[1, 'intermediary', 'Dev'], [1, 'users', 'Dev']]
    """
    players = [str(player) for player in players]
    if not players or len(set(players)) < len(players):
        raise ValueError(f"players are {players}; at least one is needed, and each name once")
    count = max(-(-len(players) // len(ROLES)), 1)
    if len(players) < 4 * count:  # tables of three: fewer tables, where some share a role
        count = max(count - 1, 1)
    rows = []
    for table in range(count):
        seated = players[table::count]
        hands = [*seated, seated[-1]] if len(seated) == 4 else seated
        for place in range(max(len(hands), len(ROLES))):
            rows.append((table + 1, ROLES[place % len(ROLES)], hands[place % len(hands)]))
    order = {role: place for place, role in enumerate(ROLES)}
    rows.sort(key=lambda row: (row[0], order[row[1]]))
    return pd.DataFrame(rows, columns=["table", "role", "player"])


def settle(sheet: TermSheet, work: ArrayLike, wellbeing: ArrayLike) -> pd.DataFrame:
    """Who pays whom when, once it is known for how many results the contract pays: public, for each table to check.

    Parameters
    ----------
    sheet : TermSheet
    work, wellbeing : float or array_like
        People in work, and better in wellbeing, for whom the contract pays: those counted or, where it compares,
        those beyond the comparison group.

    Returns
    -------
    DataFrame
        Index ``period`` (0, 1, 2 years), or ``scenario`` and ``period``; a column a party, as in `cash_flows`; each
        row sums to 0.

    Notes
    -----
    The investor pays for the service, and for a comparison, at the start. The commissioner pays half after one year
    and half after two; the provider's share of what results earn goes to it at once. The investor is paid at the end
    with what is left, and nothing before: that is a term of the game's contract (`cash_flows` knows the other).

    Examples
    --------
    >>> sheet = TermSheet("Example", **example(), evaluation="count")
    >>> settle(sheet, work=45, wellbeing=35).sum().to_dict()["payer"]
    -175500.0
    """
    work, wellbeing = check.numbers(work, "work"), check.numbers(wellbeing, "wellbeing")
    paid = np.asarray(sheet.paid(work, wellbeing))
    bonus = _by_year((paid - sheet.fixed) * sheet.share / 100)
    compared = _by_year(_number("everybody", "evaluation_cost") * (sheet.evaluation == "compare"), years=(0,))
    costs = _by_year(sheet.price * _number("everybody", "people"), years=(0,)) + compared
    # a term of the game's contract, and of the sums on its role sheets: the investor is paid at the end
    left = _by_year(paid) - bonus
    flows = cash_flows(costs, left, fee=sheet.fee, guarantee=sheet.guarantee, distribute="at the end")
    evaluator = np.tile(compared, len(flows) // 3)
    flows["payer"] -= bonus.ravel()
    flows["provider"] += bonus.ravel() - evaluator
    return flows.assign(evaluator=evaluator)


def play(sheet: TermSheet, draws: int = 1, seed: int = 0, hours: tuple[float, float] | None = None) -> pd.DataFrame:
    """Play the contract against worlds that nobody knew.

    Parameters
    ----------
    sheet : TermSheet
    draws : int, optional
        How many worlds.
    seed : int, optional
        The same seed gives the same worlds, whatever was signed; the first of many is the one of one.
    hours : (float, float), optional
        What the provider gave each person after signing, for work and for wellbeing; without, `chosen_hours`.
        More than the price pays for is cut, both alike.

    Returns
    -------
    DataFrame
        A row a world. Counted, in people: ``work``, ``wellbeing`` and, of the same people without the service,
        ``work_anyway``, ``wellbeing_anyway``; ``more_in_work``, ``better`` (the differences: what the service added),
        ``far`` (the part of both that those furthest from work have), ``left`` (who left early); ``work_paid``,
        ``wellbeing_paid``, for whom the contract pays. Money, in GBP: ``paid`` by the commissioner, ``capped``, whether
        the cap took something; ``put_in`` and ``gain`` of the investor, its ``return`` a year; ``guaranteed``, what the
        guarantor paid. In a column of each role's name, its result, in the unit of its bar.

    Notes
    -----
    Each person has a number for each result, and reaches it if the share of its group is above that number: so nobody
    is made worse off, and whoever would have got there anyway is the same person in both. The people of a comparison
    group have numbers of their own, in the same year. Left out: bargaining costs, tax, a provider that learns.

    Examples
    --------
    >>> world = play(TermSheet("Example", **example(), evaluation="compare"), seed=1).iloc[0]
    >>> bool(world["paid"] <= 250_000), bool(world["more_in_work"] == world["work"] - world["work_anyway"])
    (True, True)
    """
    return pd.DataFrame(_played(sheet, check.whole(draws, "draws"), seed, hours)).rename_axis("world")


def chosen_hours(sheet: TermSheet) -> tuple[float, float]:
    """The hours for work and for wellbeing that the book's provider gives each person after signing.

    Those that bring it the most points on average over two hundred worlds, among steps of five hours that
    the price pays for; of several as good, the fewest.

    >>> work, wellbeing = chosen_hours(TermSheet("Example", **example(), evaluation="count"))
    >>> work + wellbeing <= 32
    True
    """
    most = min(_number("everybody", "full_hours"), _reach(sheet))
    steps = np.arange(0.0, most + 1e-9, STEP)
    lived = _lived(sheet, steps, steps, _luck(0, THOUGHT))
    work, wellbeing = steps[:, None], steps[None, :]
    surplus = points("provider", _surplus(sheet, lived, work, wellbeing)).mean(axis=0)
    surplus[work + wellbeing > _reach(sheet) + 1e-9] = -np.inf
    best = np.unravel_index(np.argmax(surplus), surplus.shape)
    return float(steps[best[0]]), float(steps[best[1]])


def points(role: str, result: ArrayLike) -> Any:
    """The points of a result: 0 at the walk-away, 5 at the bar, 7.5 twice as far.

    10 (1 - 2^-s), where s counts steps as large as from walk-away to bar: each halves what is missing to ten. No fewer
    than `LEAST`. So what lies beyond the bar is worth having, ever less, and a loss weighs more than a gain.

    >>> rows = secrets("investor").set_index("key")["value"]
    >>> points("investor", rows[["walk_away", "bar"]]).tolist()
    [0.0, 5.0]
    """
    walk_away, bar = _number(role, "walk_away"), _number(role, "bar")
    steps = (check.numbers(result, "result") - walk_away) / (bar - walk_away)
    return np.maximum(10 * (1 - 2.0 ** -np.maximum(steps, -2.0)), LEAST)


def debrief(sheet: TermSheet, world: pd.Series[float]) -> pd.DataFrame:
    """What each role wanted and got in one world, with its points.

    Returns
    -------
    DataFrame
        Index ``role``; columns ``wanted``, ``walk_away``, ``bar``, ``got``, ``unit``, ``points``, ``met``, and
        ``limit``, what a role signed beyond its own limit ("" if nothing).

    Examples
    --------
    >>> sheet = TermSheet("Example", **example(), evaluation="compare")
    >>> debrief(sheet, play(sheet, seed=1).iloc[0]).index.tolist()
    ['commissioner', 'provider', 'investor', 'intermediary', 'users']
    """
    had = _points(sheet, world)
    rows = []
    for role in ROLES:
        bar, walk_away = _game()[role, "bar"], _number(role, "walk_away")
        rows.append(
            (
                bar.label.removesuffix(" (bar)"),
                walk_away,
                bar.value,
                world[role],
                bar.unit,
                had[role],
                bool(_met(had[role])),
            )
        )
    columns = ["wanted", "walk_away", "bar", "got", "unit", "points", "met"]
    return pd.DataFrame(rows, columns=columns, index=pd.Index(ROLES, name="role"))


def odds(sheet: TermSheet, draws: int = 1_000, seed: int = 0, hours: tuple[float, float] | None = None) -> pd.DataFrame:
    """What each role would have had in many worlds.

    Returns
    -------
    DataFrame
        Index ``role``; columns ``points`` (mean), ``bar met`` (share of worlds) and ``bad tenth`` (points that are
        not reached in one world of ten).

    Examples
    --------
    >>> odds(TermSheet("Example", **example(), evaluation="count"), draws=50).index.tolist()
    ['commissioner', 'provider', 'investor', 'intermediary', 'users']
    """
    had = _points(sheet, _played(sheet, check.whole(draws, "draws"), seed, hours))
    rows = {role: (each.mean(), _met(each).mean(), np.quantile(each, 0.1)) for role, each in had.items()}
    table = pd.DataFrame.from_dict(rows, orient="index", columns=["points", "bar met", "bad tenth"])
    return table.rename_axis("role")


def _by_year(amount: ArrayLike, years: tuple[int, ...] = (1, 2)) -> Floats:
    """An amount in equal parts at the ends of years, of the three dates of the contract."""
    due = np.isin(np.arange(3), years) / len(years)
    return np.asarray(amount, dtype=float)[..., None] * due


def scores(
    sheets: Sequence[TermSheet],
    hours: Mapping[str, tuple[float, float]] | None = None,
    draws: int = 1_000,
    seed: int = 0,
) -> pd.DataFrame:
    """The points of each seat at each table, on average over the same worlds: who did best in the room.

    Parameters
    ----------
    sheets : sequence of TermSheet
    hours : mapping of a table's name to hours, optional
        What providers gave, as in `play`; a table that is not in it has `chosen_hours`.
    draws, seed : int, optional

    Returns
    -------
    DataFrame
        Index ``table``; a column a role, ``table`` (their sum) and ``lowest`` (the seat with fewest).

    Examples
    --------
    >>> sheets = [TermSheet(how, **example(), evaluation=how) for how in EVALUATIONS]
    >>> scores(sheets, draws=50).index.tolist()
    ['count', 'compare']
    """
    given = hours or {}
    for name in given:
        check.one_of(name, [sheet.name for sheet in sheets], "table")
    rows = {sheet.name: odds(sheet, draws, seed, given.get(sheet.name))["points"] for sheet in sheets}
    table = pd.DataFrame(rows).T[list(ROLES)].rename_axis(index="table", columns=None)
    return table.assign(table=table.sum(axis=1), lowest=table.idxmin(axis=1))


def burden(
    sheet: TermSheet, draws: int = 1_000, seed: int = 0, hours: tuple[float, float] | None = None
) -> pd.DataFrame:
    """Who bears what when things go badly: the tenth of worlds in which the service added least, beside the average.

    Returns
    -------
    DataFrame
        Index ``party``; columns ``average`` and ``bad tenth`` (means), ``loss``, the first less the second, and
        ``share`` of what is lost in money. The payer's is the worth of what was added less what it paid: it loses the
        one and saves the other. The users' row is in people, weighed as on their sheet, and has no share.

    Examples
    --------
    >>> shared = burden(TermSheet("Example", **example(), evaluation="count"), draws=50)["share"]
    >>> round(float(shared.sum()), 9), shared.index.tolist()[-2:]
    (1.0, ['guarantor', 'users'])
    """
    worlds = _played(sheet, check.whole(draws, "draws"), seed, hours)
    worth = _worth(worlds)
    bad = np.argsort(worth, kind="stable")[: max(draws // 10, 1)]
    parties = {
        "payer": worlds["commissioner"],
        "provider": worlds["provider"],
        "investor": worlds["gain"],
        "intermediary": worlds["intermediary"] + worlds["guaranteed"],
        "guarantor": -worlds["guaranteed"],
        "users": worlds["users"],
    }
    rows = [(each.mean(), each[bad].mean(), each.mean() - each[bad].mean()) for each in parties.values()]
    index = pd.Index(parties, name="party")
    table = pd.DataFrame(rows, columns=["average", "bad tenth", "loss"], index=index)
    money = table["loss"].drop("users")
    return table.assign(share=money / money.sum())


def _reach(sheet: TermSheet) -> float:
    """The hours for each person that the price pays for: the provider has no other money."""
    people = _number("everybody", "people")
    return max((people * sheet.price - _intake(sheet)) / people / _number("provider", "cost_hour"), 0.0)


def _intake(sheet: TermSheet) -> float:
    """What it costs the provider to take everybody on."""
    near, far = _number("provider", "cost_near"), _number("provider", "cost_far")
    return sheet.places * far + (_number("everybody", "people") - sheet.places) * near


def _given(sheet: TermSheet, hours: tuple[float, float]) -> tuple[float, float]:
    """Hours as a slip has them; those that the price does not pay for are cut, of both kinds alike."""
    full = _number("everybody", "full_hours")
    work, wellbeing = (check.number(one, f"{sheet.name}: hours", low=0, high=full) for one in hours)
    part = min(1.0, _reach(sheet) / (work + wellbeing)) if work + wellbeing else 1.0
    return work * part, wellbeing * part


def _worth(worlds: Mapping[str, Any] | pd.DataFrame) -> Any:
    """What the service added is worth to the commissioner."""
    work, wellbeing = _number("commissioner", "worth_work"), _number("commissioner", "worth_wellbeing")
    return worlds["more_in_work"] * work + worlds["better"] * wellbeing


def _surplus(sheet: TermSheet, worlds: Mapping[str, Any] | pd.DataFrame, work: Floats, wellbeing: Floats) -> Any:
    """Surplus of the provider and what its mission is worth to it."""
    earned = sheet.paid(worlds["work_paid"], worlds["wellbeing_paid"]) - sheet.fixed
    support = _number("provider", "cost_hour") * (work + wellbeing)
    surplus = _number("everybody", "people") * (sheet.price - support) - _intake(sheet) + earned * sheet.share / 100
    return surplus + _number("provider", "mission") * (worlds["more_in_work"] + worlds["better"])


def _played(sheet: TermSheet, draws: int, seed: int, hours: tuple[float, float] | None) -> dict[str, Floats]:
    """The columns of `play`."""
    work, wellbeing = chosen_hours(sheet) if hours is None else _given(sheet, hours)
    lived = _lived(sheet, np.array([work]), np.array([wellbeing]), _luck(seed, draws))
    worlds: dict[str, Any] = {name: value.ravel() for name, value in lived.items()}
    flows = settle(sheet, worlds["work_paid"], worlds["wellbeing_paid"])
    by_party = {party: flows[party].to_numpy().reshape(draws, 3) for party in flows}
    investor = by_party["investor"]
    worlds["paid"] = -by_party["payer"].sum(axis=1)
    worlds["capped"] = sheet.fixed + sheet._earned(worlds["work_paid"], worlds["wellbeing_paid"]) > sheet.cap
    worlds["put_in"] = peak_draw(investor)
    worlds["gain"] = investor.sum(axis=1)
    worlds["return"] = irr(investor)
    worlds["guaranteed"] = -by_party["guarantor"].sum(axis=1) + 0.0
    worlds["commissioner"] = _worth(worlds) - worlds["paid"]
    worlds["provider"] = _surplus(sheet, worlds, np.asarray(work), np.asarray(wellbeing))
    bank = (1 + _number("everybody", "bank")) ** 2 - 1
    worlds["investor"] = worlds["gain"] - bank * worlds["put_in"] - _number("investor", "own_cost")
    kept = by_party["intermediary"].sum(axis=1) - worlds["guaranteed"] - _number("intermediary", "own_cost")
    worlds["intermediary"] = kept + _number("intermediary", "compare_bonus") * (sheet.evaluation == "compare")
    twice, leaver = _number("users", "weight_far") - 1, _number("users", "leaver")
    got = worlds["more_in_work"] + worlds["better"]
    worlds["users"] = got + twice * worlds["far"] - leaver * worlds["left"]
    return worlds


def _points(sheet: TermSheet, worlds: Mapping[str, Any] | pd.Series[Any]) -> dict[str, Any]:
    """The points of each role in each world; the least where it signed beyond its own limit."""
    had = {role: points(role, worlds[role]) for role in ROLES}
    had["investor"] = np.where(worlds["put_in"] > _number("investor", "purse") + 0.01, LEAST, had["investor"])
    if sheet.guarantee > _number("intermediary", "guarantee_most"):
        had["intermediary"] = np.full_like(had["intermediary"], LEAST)
    return had


def _met(had: ArrayLike) -> Any:
    return np.asarray(had) >= 5 - 1e-9


@functools.lru_cache(maxsize=4)
def _luck(seed: int, draws: int) -> dict[str, Floats]:
    """What nobody knew: the year, how well the service works here, and a number of each person for each thing."""
    people = int(_number("everybody", "people"))
    names = ["work", "wellbeing", "stay", "work_compared", "wellbeing_compared"]
    sizes = [people] * 3 + [int(_number("everybody", "compared"))] * 2
    streams = check.seed_sequence(seed).spawn(len(names) + 2)
    drawn = {
        name: np.random.default_rng(stream).random((draws, size))
        for name, stream, size in zip(names, streams[2:], sizes, strict=True)
    }
    for name, stream in zip(["year", "service"], streams[:2], strict=True):
        score = np.random.default_rng(stream).standard_normal((draws, 1))
        drawn[name] = np.maximum(1 + _number("everybody", f"{name}_luck") * score, 0.0)
    return drawn


def _lived(sheet: TermSheet, work: Floats, wellbeing: Floats, luck: Mapping[str, Floats]) -> dict[str, Floats]:
    """What becomes of the people, in arrays (world, hours for work, hours for wellbeing)."""
    far = int(sheet.places)
    full, year, service = _number("everybody", "full_hours"), luck["year"], luck["service"]
    spent = {"work": np.sqrt(work / full), "wellbeing": np.sqrt(wellbeing / full)}
    leaving = _number("users", "leave") * np.maximum(1 - wellbeing / _number("users", "stay_hours"), 0.0)
    whose = {"near": slice(far, None), "far": slice(far)}
    people = luck["stay"].shape[1]
    share = {"near": people - far, "far": far}
    # of the hours for wellbeing few differ in who leaves: those are told apart once
    kinds, kind = np.unique(leaving, return_inverse=True)
    stays = luck["stay"][:, None, None, :far] >= kinds[:, None]
    lived: dict[str, Any] = {"left": (~stays).sum(-1)[..., kind], "far": 0}
    for name in ("work", "wellbeing"):
        total, anyway, compared = 0, 0, 0
        for group, who in whose.items():
            of = group if name == "work" else name
            base, gain = _number("everybody", f"base_{of}") * year, _number("intermediary", f"gain_{of}") * service
            own = luck[name][:, None, who]
            added = (own >= base[..., None]) & (own < base[..., None] + gain[..., None] * spent[name][:, None])
            if group == "near":
                more = added.sum(-1)[:, :, None] if name == "work" else added.sum(-1)[:, None, :]
            elif name == "work":
                more = (added[:, :, None, :] & stays).sum(-1)[..., kind]
            else:
                more = (added[:, None, :, :] & stays[:, :, kind, :]).sum(-1)
            total, anyway = total + more, anyway + (luck[name][:, who] < base).sum(-1)[:, None, None]
            compared = compared + share[group] * (luck[f"{name}_compared"] < base).mean(-1)[:, None, None]
            lived["far"] = lived["far"] + (more if group == "far" else 0)
        control = compared if sheet.evaluation == "compare" else 0
        added_name = "more_in_work" if name == "work" else "better"
        lived |= {name: total + anyway, f"{name}_anyway": anyway, added_name: total}
        lived[f"{name}_paid"] = np.maximum(lived[name] - control, 0)
    shape = (len(year), len(work), len(wellbeing))
    return {name: np.broadcast_to(np.asarray(value, dtype=float), shape) for name, value in lived.items()}


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
        allowed = f"a number from {term.low:,.0f} to {term.high:,.0f} is needed ({label})"
        value = values.get(key)
        if value is None:
            problems[key] = f"{key} has no value yet; {allowed}"
        elif isinstance(value, bool) or not isinstance(value, int | float) or not term.low <= value <= term.high:
            problems[key] = f"{key} is {value!r}; {allowed}"
        elif key == "places" and value != int(value):
            problems[key] = f"places is {value!r}; a whole number is needed"
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
