"""Incentives: what a contract that pays for some things asks of those who do several."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from sibmodels import _arguments as check
from sibmodels._arguments import Floats

__all__ = ["alignment", "best_pay", "coproduction", "effort", "motivated_effort", "optimal_weights", "selection"]


def optimal_weights(
    benefit: ArrayLike, cost: ArrayLike, signal: ArrayLike, noise: ArrayLike, risk_aversion: float
) -> Floats:
    """The linear contract that a payer would choose, after Holmstrom and Milgrom (1991).

    An agent spreads effort e over n tasks at cost e'Ce/2. The payer sees m signals x = Fe + noise with
    covariance S, pays a + b'x, and gains g'e. The agent dislikes risk r b'Sb/2. The best weights are
    b = (F C^-1 F' + r S)^-1 F C^-1 g.

    Parameters
    ----------
    benefit : array_like, shape (n,)
        g: what a unit of effort on each task is worth to the payer.
    cost : array_like, shape (n, n)
        C: symmetric and positive definite. Off the diagonal, above 0, effort on one task makes another dearer.
    signal : array_like, shape (m, n)
        F: how far each signal moves with effort on each task.
    noise : array_like, shape (m, m)
        S: symmetric and positive semidefinite.
    risk_aversion : float
        r, at least 0.

    Returns
    -------
    ndarray, shape (m,)
        b: pay for a unit of each signal.

    Notes
    -----
    Left out: pride in the work, several agents, and more than one period.

    Examples
    --------
    One task, g = f = 1: b = 1 / (1 + r c s^2).

    >>> float(optimal_weights([1], [[2.0]], [[1]], [[0.25]], risk_aversion=2.0)[0])
    0.5
    """
    cost, signal = _cost(cost), _matrix(signal, "signal")
    benefit = check.numbers(benefit, "benefit")
    noise = _symmetric(noise, "noise")
    risk_aversion = check.number(risk_aversion, "risk_aversion", low=0)
    signals, tasks = signal.shape
    if benefit.shape != (tasks,) or cost.shape != (tasks, tasks) or noise.shape != (signals, signals):
        raise ValueError(
            f"benefit {benefit.shape}, cost {cost.shape} and noise {noise.shape} do not fit signal {signal.shape}; "
            f"needed are ({tasks},), ({tasks}, {tasks}) and ({signals}, {signals})"
        )
    if np.linalg.eigvalsh(noise).min() < -1e-12:
        raise ValueError("noise has a negative eigenvalue; a covariance matrix is needed")
    response = signal @ np.linalg.inv(cost)
    system = response @ signal.T + risk_aversion * noise
    if np.linalg.matrix_rank(system) < signals:
        raise ValueError("signal has rows that repeat each other without noise; weights between them are not unique")
    return np.linalg.solve(system, response @ benefit).astype(float)


def effort(weights: ArrayLike, cost: ArrayLike, signal: ArrayLike) -> Floats:
    """What the agent does: e(b) = C^-1 F' b, by task.

    Parameters
    ----------
    weights : array_like, shape (m,)
        b: pay for a unit of each signal.
    cost, signal : array_like
        C and F, as `optimal_weights` takes them.

    Returns
    -------
    ndarray, shape (n,)
        e, in the unit of effort that the cost is stated in.

    Examples
    --------
    Paying for the first of two tasks draws effort from the second where they compete (Holmstrom and
    Milgrom 1991):

    >>> effort([1.0], cost=[[1.0, 0.5], [0.5, 1.0]], signal=[[1.0, 0.0]]).round(3).tolist()
    [1.333, -0.667]
    """
    cost, signal = _cost(cost), _matrix(signal, "signal")
    weights = check.numbers(weights, "weights")
    if weights.shape != signal.shape[:1] or cost.shape[0] != signal.shape[1]:
        raise ValueError(f"weights {weights.shape} and cost {cost.shape} do not fit signal {signal.shape}")
    return np.linalg.solve(cost, signal.T @ weights).astype(float)


def coproduction(pay: ArrayLike, own_value: ArrayLike, synergy: ArrayLike) -> tuple[Floats, Floats, Floats]:
    """A result made by two, of whom a contract can pay only one.

    The result is y = e + u + k e u, of the provider's work e and the users' work u. The provider is paid b
    for each unit of it and bears e^2 / 2; the users are paid nothing, value a unit at v and bear u^2 / 2.
    Each does what is best for itself given the other: e = b (1 + k u) and u = v (1 + k e), so that
    e = b (1 + k v) / (1 - k^2 b v) and u = v (1 + k b) / (1 - k^2 b v).

    Parameters
    ----------
    pay : float or array_like
        b, in [0, 1], where a unit of the result is worth 1 to all together.
    own_value : float or array_like
        v, in [0, 1].
    synergy : float or array_like
        k, between -1 and 1: above 0 each one's work makes the other's more fruitful, below 0 it replaces it.

    Returns
    -------
    (provider, users, result) : tuple of ndarray
        e, u and y, broadcast over what is given.

    Notes
    -----
    The simplest production function in which neither party's work is of use only with the other's; not the
    theory of anybody cited in this book. Left out: luck, learning, trust, and users who differ.

    Examples
    --------
    Without synergy each does what it is worth to itself, and pay moves the provider alone.

    >>> [float(part) for part in coproduction(1.0, 0.5, 0.0)]
    [1.0, 0.5, 1.5]
    """
    pay, own_value = _unit(pay, "pay"), _unit(own_value, "own_value")
    synergy = check.numbers(synergy, "synergy")
    if (abs(synergy) >= 1).any():
        raise ValueError(f"synergy is {synergy.tolist()}; it must lie between -1 and 1, both excluded")
    rest = 1 - synergy**2 * pay * own_value
    provider = pay * (1 + synergy * own_value) / rest
    users = own_value * (1 + synergy * pay) / rest
    return provider, users, provider + users + synergy * provider * users


def motivated_effort(pay: ArrayLike, motivation: ArrayLike, crowding: ArrayLike = 0.0) -> Floats:
    """The work of somebody who has a motive beside pay, which pay may drive out.

    e = b + m max(0, 1 - k b): the provider is paid b for a unit of the result and bears e^2 / 2; its own
    motive is worth m a unit to it, less by the share k b while it is paid.

    Parameters
    ----------
    pay : float or array_like
        b, in [0, 1], where a unit of the result is worth 1 to all together.
    motivation : float or array_like
        m, in [0, 1]: what it would do unpaid.
    crowding : float or array_like, optional
        k, at least 0. Up to 1 / m pay raises the work all the same, if by less; above, pay lowers it until
        b = 1 / k, where no motive is left to lose.

    Returns
    -------
    ndarray
        e, broadcast over what is given.

    Notes
    -----
    The shortest formula in which pay for results does what it is meant to do (m or k is 0) and can also do
    the reverse. It stands for reasons that the literature keeps apart, such as the doubt that rewards cast on
    motives (Benabou & Tirole 2006), and is nobody's theory. Left out: whom a contract attracts, and motives
    that pay makes stronger.

    Examples
    --------
    Without crowding out; with enough of it, where a little pay does harm:

    >>> motivated_effort([0, 0.25, 1], 0.5).tolist(), motivated_effort([0, 0.25, 1], 0.5, crowding=4).tolist()
    ([0.5, 0.75, 1.5], [0.5, 0.25, 1.0])
    """
    b, m, k = _unit(pay, "pay"), _unit(motivation, "motivation"), check.numbers(crowding, "crowding")
    if (k < 0).any():
        raise ValueError(f"crowding is {k.tolist()}; it must be at least 0")
    return np.asarray(b + m * np.maximum(0.0, 1 - k * b), dtype=float)


def best_pay(motivation: float, crowding: float = 0.0, risk: float = 0.0) -> float:
    """The pay for results that leaves most to all together, with the work that `motivated_effort` gives.

    It maximises e - e^2 / 2 - r b^2 / 2 over b in [0, 1]. While some motive is left, each unit of pay adds
    h = 1 - k m of work, and the best is h (1 - m) / (h^2 + r), or no pay where h is below 0; once none is
    left it is 1 / (1 + r). The better of the two is given, and of equals the lower.

    Parameters
    ----------
    motivation, crowding : float
        m and k, as `motivated_effort` takes them.
    risk : float, optional
        r, at least 0: how much the provider dislikes risk, times the variance of the result that luck brings,
        as in `optimal_weights`.

    Returns
    -------
    float
        b, in [0, 1].

    Notes
    -----
    Without crowding out it is (1 - m) / (1 + r): the one-task pay of `optimal_weights`, and less the more the
    provider shares the aim, which is a result of Besley & Ghatak (2005). The pleasure that a motive gives is
    not counted as a gain. It leaves out what `motivated_effort` leaves out.

    Examples
    --------
    >>> best_pay(0.0, risk=0.25), best_pay(0.5, risk=0.25), best_pay(0.9, crowding=2.0, risk=0.25)
    (0.8, 0.4, 0.0)
    """
    m, k = check.number(motivation, "motivation", 0, 1), check.number(crowding, "crowding", low=0)
    r = check.number(risk, "risk", low=0)
    gone = 1 / k if k > 1 else 1.0  # the pay at which no motive is left
    power = 1 - k * m
    curve = power**2 + r
    within = max(power, 0.0) * (1 - m) / curve if curve else 0.0
    choices = [min(within, gone), max(1 / (1 + r), gone)]

    def left(pay: float) -> float:
        work = float(motivated_effort(pay, m, k))
        return work - work**2 / 2 - r * pay**2 / 2

    return max(choices, key=lambda pay: (round(left(pay), 12), -pay))


def alignment(
    paid: Mapping[Any, float] | pd.Series[Any] | ArrayLike, valued: Mapping[Any, float] | pd.Series[Any] | ArrayLike
) -> float:
    """Cosine of the angle between what a contract pays for and what somebody values, after Baker (2002).

    1 where the proportions are the same, 0 where nothing that is valued is paid for.

    Parameters
    ----------
    paid, valued : Series or mapping by outcome, or array_like in the same order
        What a unit of effort on each outcome adds to the payment and to the value; with names, an outcome
        that one of them lacks has weight 0 there.

    Returns
    -------
    float
        From -1 to 1.

    Notes
    -----
    The square is the share of the value that any strength of such pay can bring about, where tasks are
    unrelated and nothing is noisy. That holds for *marginal* pay alone: an outcome with the share w of a
    contract, paid in proportion up to a target t, adds w / t for a unit of performance, not w.

    Examples
    --------
    Three fifths for hospital use at a target of 0.4, an eighth for wellbeing at 0.6: as shares and as pay.

    >>> shares, targets = {"hospital": 0.6, "wellbeing": 0.125}, {"hospital": 0.4, "wellbeing": 0.6}
    >>> pay = {name: share / targets[name] for name, share in shares.items()}
    >>> alignment(shares, {"wellbeing": 1}).__round__(3), alignment(pay, {"wellbeing": 1}).__round__(3)
    (0.204, 0.138)
    >>> alignment({"hospital": 0.8, "wellbeing": 0.2}, {"wellbeing": 1.0}).__round__(3)
    0.243
    """
    if isinstance(paid, Mapping | pd.Series) and isinstance(valued, Mapping | pd.Series):
        names = list(dict.fromkeys([*paid.keys(), *valued.keys()]))
        paid, valued = ([side.get(name, 0.0) for name in names] for side in (paid, valued))
    elif isinstance(paid, Mapping | pd.Series) or isinstance(valued, Mapping | pd.Series):
        raise ValueError("paid and valued: give both by name, or both as lists in the same order")
    a, b = check.numbers(paid, "paid"), check.numbers(valued, "valued")
    if a.shape != b.shape or a.ndim != 1:
        raise ValueError(f"paid has shape {a.shape} and valued {b.shape}; two lists of the same length are needed")
    sizes = np.linalg.norm(a), np.linalg.norm(b)
    if not all(sizes):
        raise ValueError("paid or valued is all 0; an angle needs a direction")
    return float(np.clip(a @ b / (sizes[0] * sizes[1]), -1.0, 1.0))


def selection(
    baseline: ArrayLike, gain: ArrayLike, places: int, prices: tuple[float, float] = (1.0, 1.0), cut: float = 0.5
) -> pd.DataFrame:
    """Whom a provider with few places picks, and what comes of it: creaming.

    People differ in their chance of success without the service and in what it adds. The provider
    picks whoever pays best:

    - ``per success`` pays for every success, so it ranks by baseline + gain;
    - ``per impact`` pays for what the service added, so it ranks by gain;
    - ``rate card in bands`` pays per success, `prices[0]` for people whose baseline is below `cut`
      (hard to help) and `prices[1]` for the others.

    Parameters
    ----------
    baseline, gain : array_like, shape (people,)
        Chances; baseline + gain lies in [0, 1].
    places : int
        At most as many as people.
    prices : (low, high), optional
        Of a success in each band of the rate card, in one currency.
    cut : float, optional
        The baseline that parts the bands, a chance.

    Returns
    -------
    DataFrame
        Index ``rule``; expected ``payment``, ``successes``, ``impact`` (successes caused) and
        ``deadweight`` (successes that would have come anyway).

    Notes
    -----
    Left out: everything after the door, so also parking, which is to enrol people and withhold effort from
    those who are hard to help; what it costs to help; and chances that the provider misjudges.

    Examples
    --------
    >>> selection([0.9, 0.1], [0.05, 0.4], places=1)["impact"].to_dict()
    {'per success': 0.05, 'per impact': 0.4, 'rate card in bands': 0.05}
    """
    baseline, gain = check.numbers(baseline, "baseline"), check.numbers(gain, "gain")
    if baseline.shape != gain.shape or baseline.ndim != 1:
        raise ValueError(
            f"baseline has shape {baseline.shape} and gain {gain.shape}; two lists of one length are needed"
        )
    success = baseline + gain
    for values, name in ((baseline, "baseline"), (success, "baseline + gain")):
        if (values < 0).any() or (values > 1 + 1e-12).any():
            raise ValueError(f"{name} holds {values.min():g} to {values.max():g}; chances lie between 0 and 1")
    places = check.whole(places, "places")
    if places > len(success):
        raise ValueError(f"places are {places}; there are {len(success)} people")
    low, high = check.numbers(prices, "prices")
    worth = {
        "per success": success,
        "per impact": gain,
        "rate card in bands": success * np.where(baseline < check.number(cut, "cut", 0, 1), low, high),
    }
    rows = {}
    for rule, pay in worth.items():
        picked = np.argsort(-pay, kind="stable")[:places]
        totals = (pay[picked].sum(), success[picked].sum(), gain[picked].sum(), baseline[picked].sum())
        rows[rule] = [float(total) for total in totals]
    columns = ["payment", "successes", "impact", "deadweight"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("rule")


def _unit(value: ArrayLike, name: str) -> Floats:
    array = check.numbers(value, name)
    if ((array < 0) | (array > 1)).any():
        raise ValueError(f"{name} is {array.tolist()}; it must lie between 0 and 1")
    return array


def _matrix(values: ArrayLike, name: str) -> Floats:
    matrix = check.numbers(values, name)
    if matrix.ndim != 2:
        raise ValueError(f"{name} has shape {matrix.shape}; a matrix is needed")
    return matrix


def _symmetric(values: ArrayLike, name: str) -> Floats:
    matrix = _matrix(values, name)
    if matrix.shape[0] != matrix.shape[1] or not np.allclose(matrix, matrix.T):
        raise ValueError(f"{name} has shape {matrix.shape}; a symmetric matrix is needed")
    return matrix


def _cost(values: ArrayLike) -> Floats:
    cost = _symmetric(values, "cost")
    if np.linalg.eigvalsh(cost).min() <= 0:
        raise ValueError("cost is not positive definite; every mixture of effort must cost something")
    return cost
