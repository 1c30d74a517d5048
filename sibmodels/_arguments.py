"""Checks on what callers give: one sentence that names the argument, the value and what is allowed."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable
from typing import Any, TypeAlias, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats: TypeAlias = NDArray[np.float64]
Seed: TypeAlias = int | np.random.Generator
T = TypeVar("T")


class ProblemsError(ValueError):
    """Everything that is wrong with what somebody gave, a line each; ``problems`` has them one by one."""

    def __init__(self, problems: Iterable[Any]) -> None:
        self.problems: tuple[Any, ...] = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


def no_problems(problems: Iterable[object]) -> None:
    """Raise every problem at once, if there is one."""
    if problems := tuple(problems):
        raise ProblemsError(problems)


def numbers(value: ArrayLike, name: str) -> Floats:
    """Return `value` as a float array; text, masked and complex values, NaN and infinities are errors."""
    if np.iscomplexobj(value):
        raise ValueError(f"{name} is {value!r}; real numbers are needed")
    try:
        given = np.asarray(value)
        text = given.dtype.kind in "USO" and any(isinstance(item, str) for item in given.ravel())
        array = given.astype(float)
    except OverflowError:
        raise ValueError(f"{name} holds a number beyond {np.finfo(float).max:.2g}, the largest float") from None
    except (TypeError, ValueError):
        text = True
    if text or np.ma.is_masked(value):
        raise ValueError(f"{name} is {value!r}; numbers are needed")
    if not np.isfinite(array).all():
        bad = array[~np.isfinite(array)].flat[0]
        raise ValueError(f"{name} holds {bad}; only finite numbers are allowed")
    return array


def same_lengths(value: object, name: str) -> None:
    """Raise where `value` is a list of lists of unequal length."""
    if not isinstance(value, list | tuple):
        return
    lengths = [np.size(row) if isinstance(row, list | tuple | np.ndarray) else None for row in value]
    odd = next((place for place, length in enumerate(lengths) if length != lengths[0]), None)
    if odd is not None:
        said = ["one number" if length is None else f"{length} numbers" for length in (lengths[0], lengths[odd])]
        raise ValueError(f"{name} have {said[0]} in row 0 and {said[1]} in row {odd}; each row needs as many numbers")


def number(
    value: ArrayLike, name: str, low: float = -math.inf, high: float = math.inf, *, above: float = -math.inf
) -> float:
    """Return `value` as one finite float in [low, high] and, where `above` is given, greater than it."""
    array = numbers(value, name)
    if array.ndim:
        raise ValueError(f"{name} is {value!r}; one number is needed")
    result = float(array)
    if not (low <= result <= high and result > above):
        allowed = f"greater than {above:g}" if above > -math.inf else f"at least {low:g}"
        allowed += f" and at most {high:g}" if high < math.inf else ""
        raise ValueError(f"{name} is {result:g}; it must be {allowed}")
    return result


def whole(value: ArrayLike, name: str, low: int = 1) -> int:
    """Return `value` as an int of at least `low`; 2.5 is an error, 2.0 is not."""
    result = number(value, name, low=low)
    if result != int(result):
        raise ValueError(f"{name} is {value!r}; a whole number is needed")
    return int(result)


def seed_sequence(seed: object) -> np.random.SeedSequence:
    """The seed sequence of a whole number or of a generator, so that nothing runs unseeded."""
    if isinstance(seed, np.random.Generator):
        return np.random.SeedSequence(seed.integers(2**63, size=4).tolist())
    if not isinstance(seed, int | np.integer) or isinstance(seed, bool) or seed < 0:
        raise ValueError(f"seed is {seed!r}; a whole number of at least 0 or a numpy Generator is needed")
    return np.random.SeedSequence(int(seed))


def generator(seed: Seed) -> np.random.Generator:
    """The generator of a seed; a generator given is used as it is."""
    return seed if isinstance(seed, np.random.Generator) else np.random.default_rng(seed_sequence(seed))


def shares(values: ArrayLike, name: str, tolerance: float = 1e-9) -> Floats:
    """Return shares in [0, 1] that add up to 1."""
    array = numbers(values, name)
    if (array < 0).any() or (array > 1).any():
        raise ValueError(f"{name} holds {array.tolist()}; each share must lie between 0 and 1")
    if abs(array.sum() - 1) > tolerance:
        raise ValueError(f"{name} sum to {array.sum():.12g}; they must sum to 1")
    return array


def one_of(value: T, allowed: Iterable[object], name: str, error: type[Exception] = ValueError) -> T:
    """Return `value` if it is in `allowed`; otherwise say what is, nearest first."""
    options = [str(option) for option in allowed]
    if str(value) in options:
        return value
    near = difflib.get_close_matches(str(value), options, n=1)
    hint = f" (did you mean {near[0]!r}?)" if near else ""
    raise error(f"{name} {value!r} is unknown{hint}; it must be one of: {', '.join(options)}")


def same_keys(
    given: Iterable[object], needed: Iterable[object], name: str, whose: str = "the contract's outcomes"
) -> None:
    """Raise unless `given` and `needed` hold the same names; list what is missing and what is not known."""
    given, needed = list(given), list(needed)
    missing = [key for key in needed if key not in given]
    unknown = [key for key in given if key not in needed]
    if missing or unknown:
        raise ValueError(
            f"{name}: missing {missing or 'nothing'}, unknown {unknown or 'nothing'}; {whose} are {needed}"
        )
