"""Governance: closed forms for the index and ranks, published alphas for agreement."""

import itertools
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sibmodels import (
    agreement,
    agreement_coverage,
    agreement_interval,
    coding_sheet,
    compare_codings,
    index,
    rank_robustness,
    read_codings,
    tables,
)

NAN = np.nan
# Krippendorff's reliability data: 4 observers, 12 units (Computing Krippendorff's alpha-reliability, 2011)
KRIPPENDORFF = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, NAN, NAN, NAN],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, NAN, 3],
    [NAN, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, NAN],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, NAN],
]


def coding(scores):
    """Scores as a list of rows, a case each."""
    return pd.DataFrame(
        [(f"case {i}", f"dim {j}", score) for i, row in enumerate(scores) for j, score in enumerate(row)],
        columns=["case", "dimension", "score"],
    )


tables_of_scores = st.integers(1, 4).flatmap(
    lambda width: st.lists(st.lists(st.floats(-1, 1), min_size=width, max_size=width), min_size=2, max_size=5)
)


@given(tables_of_scores)
def test_equal_weights_are_the_mean(scores):
    result = index(coding(scores))
    assert result.is_monotonic_increasing
    for i, row in enumerate(scores):
        assert result[f"case {i}"] == pytest.approx(np.mean(row), abs=1e-12)


@given(tables_of_scores, st.floats(0.1, 100))
def test_only_proportions_of_weights_matter(scores, factor):
    weights = {f"dim {j}": 1.0 + j for j in range(len(scores[0]))}
    scaled = {name: factor * weight for name, weight in weights.items()}
    pd.testing.assert_series_equal(index(coding(scores), weights), index(coding(scores), scaled))


def test_cases_that_tie_stand_in_the_order_of_their_names_however_their_means_round():
    tied = index(coding([[0.1, 0.2, 0.3], [0.3, 0.2, 0.1], [0.2, 0.3, 0.1]]), {"dim 0": 1, "dim 1": 1, "dim 2": 1})
    assert tied.nunique() == 1
    assert list(tied.index) == ["case 0", "case 1", "case 2"]


def test_all_weight_on_one_dimension_is_that_dimension():
    assert index(coding([[1, -1], [-0.5, 0]]), {"dim 0": 1, "dim 1": 0}).to_dict() == {"case 1": -0.5, "case 0": 1}


def test_rank_probability_has_a_closed_form_for_two_dimensions():
    """With weights (w, 1-w), w uniform: case 0 scores w, case 1 scores a constant c; P(w < c) = c."""
    ranks = rank_robustness(coding([[1, 0], [0.3, 0.3]]), draws=100_000, seed=1)
    assert ranks.loc["case 0", 1] == pytest.approx(0.3, abs=0.01)


def test_who_ranks_highest_has_a_closed_form_where_one_dimension_alone_speaks_against():
    """Dirichlet(1) weights are exponentials over their sum: P(a E0 > sum of b_i E_i) = product of a/(a + b_i)."""
    scores = tables.read("governance").rename(columns={"value": "score"})
    wide = scores.pivot(index="dimension", columns="case", values="score")
    lead = wide["yokohama"] - wide["uk-commissioner-led"]
    against = -lead[lead < 0].iloc[0]
    assert (lead < 0).sum() == 1
    exact = np.prod(against / (against + lead[lead > 0]))
    ranks = rank_robustness(scores, draws=200_000, seed=5)
    assert 1 - ranks.loc["yokohama", 4] == pytest.approx(exact, abs=0.003)


@given(tables_of_scores)
def test_ranks_are_distributions_over_cases_and_ranks(scores):
    ranks = rank_robustness(coding(scores), draws=50)
    np.testing.assert_allclose(ranks.sum(axis=0), 1)
    np.testing.assert_allclose(ranks.sum(axis=1), 1)


def test_same_seed_same_ranks():
    scores = tables.read("governance").rename(columns={"value": "score"})
    pd.testing.assert_frame_equal(rank_robustness(scores, seed=3), rank_robustness(scores, seed=3))


@pytest.mark.parametrize(
    ("level", "alpha"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849), ("ratio", 0.797)]
)
def test_published_alphas(level, alpha):
    assert agreement(KRIPPENDORFF, level) == pytest.approx(alpha, abs=5e-4)


@given(
    st.lists(st.integers(1, 5), min_size=2, max_size=12).filter(lambda units: len(set(units)) > 1), st.integers(2, 5)
)
def test_identical_coders_agree(units, coders):
    assert agreement([units] * coders) == pytest.approx(1)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: index(coding([[2.0, 0]])), "score holds 2"),
        (lambda: index(coding([[0.5, 0]]), {"dim 0": 1}), r"missing \['dim 1'\]"),
        (lambda: index(coding([[0.5, 0]]), {"dim 0": 0, "dim 1": 0}), "not all 0"),
        (lambda: index(coding([[0.5, 0]]), {"dim 0": -1, "dim 1": 2}), "at least 0"),
        (lambda: index(coding([[0.5, 0], [1, 1]]).iloc[:-1]), "no score for case 1/dim 1"),
        (lambda: index(pd.concat([coding([[0.5]])] * 2)), r"scores \('case 0', 'dim 0'\) twice"),
        (lambda: index(coding([[0.5]]).drop(columns="score")), r"lacks the columns \['score'\]"),
        (lambda: rank_robustness(coding([[0.5]]), draws=0), "draws is 0"),
        (lambda: agreement([[1, 2, 3]]), "at least two"),
        (lambda: agreement([[1, 1], [1, 1]]), "nothing varies"),
        (lambda: agreement([[1, NAN], [NAN, 1]]), "no unit that two coders coded"),
        (lambda: agreement([[1, np.inf], [1, 2]]), "codings holds inf"),
        (lambda: rank_robustness(coding([[0.5]]), seed=None), "seed is None"),
        (lambda: agreement([[1, 2], [1, 2]], "cardinal"), "nominal, ordinal, interval, ratio"),
        (lambda: agreement([[0.5, NAN], [0.5, 1.0]]), "nothing varies"),
        (lambda: agreement([[1, -1, 0.5], [-1, 1, 0.5]], "ratio"), "codings hold -1; a ratio scale begins at 0"),
        (lambda: agreement([["A", "B"], ["B", "A"]]), "codings is .*numbers are needed"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_interval_holds_alpha_and_is_the_same_for_the_same_seed():
    for level in ("nominal", "ordinal", "interval"):
        low, high = agreement_interval(KRIPPENDORFF, level, draws=300, seed=4)
        assert low < agreement(KRIPPENDORFF, level) < high
        assert (low, high) == agreement_interval(KRIPPENDORFF, level, draws=300, seed=4)


def test_words_gaps_and_numbers_agree_alike():
    words = [["A", "B", None, "C"], ["A", "C", "A", "C"], ["", "B", "A", "A"]]
    numbers = [[1, 2, NAN, 3], [1, 3, 1, 3], [NAN, 2, 1, 1]]
    assert agreement(words, "nominal") == pytest.approx(agreement(numbers, "nominal"))
    assert agreement([["A", "B"], ["B", "A"]], "nominal") == -0.5


@given(
    st.lists(st.lists(st.sampled_from([NAN, 0, 1, 2, 5]), min_size=4, max_size=4), min_size=2, max_size=4),
    st.sampled_from(["nominal", "ordinal", "interval", "ratio"]),
)
def test_alpha_is_one_less_disagreement_over_what_all_pairs_would_have(rows, level):
    """The definition, pair by pair."""
    table = np.array(rows)
    units = [column[np.isfinite(column)] for column in table.T]
    units = [unit for unit in units if len(unit) > 1]
    pool = np.concatenate(units) if units else np.array([])
    if len(np.unique(pool)) < 2:
        return

    def apart(a, b):
        if level == "nominal":
            return float(a != b)
        if level == "ratio":
            return ((a - b) / (a + b)) ** 2 if a + b else 0.0
        if level == "interval":
            return (a - b) ** 2
        low, high = sorted((a, b))
        return (((pool >= low) & (pool <= high)).sum() - ((pool == low).sum() + (pool == high).sum()) / 2) ** 2

    seen = sum(sum(apart(a, b) for a, b in itertools.permutations(u, 2)) / (len(u) - 1) for u in units) / len(pool)
    chance = sum(apart(a, b) for a, b in itertools.permutations(pool, 2)) / len(pool) / (len(pool) - 1)
    assert agreement(table, level) == pytest.approx(1 - seen / chance, abs=1e-12)


def test_interval_is_students_with_the_spread_of_alpha_over_the_units_drawn():
    """Written out the long way, with the one random call that the function may make."""
    table = np.asarray(KRIPPENDORFF)[:, np.isfinite(KRIPPENDORFF).sum(axis=0) >= 2]
    rng = np.random.default_rng(np.random.SeedSequence(9))
    size = table.shape[1]
    alphas = [agreement(table[:, chosen]) for chosen in rng.integers(size, size=(100, size))]
    error = 1.372184 * np.std(alphas, ddof=1) * np.sqrt(size / (size - 1))  # t with 10 degrees of freedom, at 0.9
    alpha = agreement(KRIPPENDORFF)
    interval = agreement_interval(KRIPPENDORFF, draws=100, seed=9, coverage=0.8)
    assert interval == pytest.approx((alpha - error, min(alpha + error, 1)), abs=1e-6)


@pytest.mark.parametrize(
    ("df", "quantile"), [(1, 12.706205), (2, 4.302653), (3, 3.182446), (4, 2.776445), (23, 2.068658)]
)
def test_students_quantiles_are_those_of_the_tables(df, quantile):
    from sibmodels.governance import _t_score

    assert _t_score(0.975, df) == pytest.approx(quantile, abs=1e-6)


def test_clusters_of_one_unit_are_units_and_a_cluster_repeated_adds_nothing():
    names = [f"unit {i}" for i in range(12)]
    alone = agreement_interval(KRIPPENDORFF, draws=300, seed=4)
    assert agreement_interval(KRIPPENDORFF, draws=300, seed=4, clusters=sorted(names)) == pytest.approx(alone, abs=0.1)
    rng = np.random.default_rng(5)
    coders = np.clip(rng.integers(1, 6, 8) + rng.integers(-1, 2, (3, 8)), 1, 5)
    thrice, whose = np.repeat(coders, 3, axis=1), np.repeat(np.arange(8), 3)
    widths = [np.ptp(agreement_interval(thrice, draws=300, clusters=clusters)) for clusters in (None, whose)]
    once = np.ptp(agreement_interval(coders, draws=300))
    assert widths[0] < 0.75 * once
    assert widths[1] == pytest.approx(once, rel=0.1)


def test_four_clusters_hold_what_they_promise_and_their_units_do_not():
    """A sample of 200; the whole of it is in tests/prove."""
    held = agreement_coverage(shared=1, classes=200, seed=2)["held"]
    assert held["cluster"] > 0.91
    assert held["unit"] < 0.91


def test_interval_narrows_with_more_units():
    rng = np.random.default_rng(2)
    truth = rng.integers(1, 6, 400)
    coders = np.clip(truth + rng.integers(-1, 2, (3, 400)), 1, 5)
    widths = [np.ptp(agreement_interval(coders[:, :n], draws=200)) for n in (20, 400)]
    assert widths[1] < widths[0] / 2


@given(st.integers(2, 6), st.integers(0, 10))
def test_distance_between_coders_is_the_mean_over_pairs(coders, seed):
    rng = np.random.default_rng(seed)
    sheets = [
        coding_sheet()[["case", "dimension"]].assign(coder=f"c{i}", score=rng.choice([-1, -0.5, 0, 0.5, 1], 24))
        for i in range(coders)
    ]
    table = compare_codings(pd.concat(sheets))
    assert table["apart"].is_monotonic_decreasing
    row = table.iloc[0]
    scores = [sheet.set_index(["case", "dimension"]).loc[(row["case"], row["dimension"]), "score"] for sheet in sheets]
    assert row["apart"] == pytest.approx(np.mean([abs(a - b) for a, b in itertools.combinations(scores, 2)]))
    assert row["gap"] == pytest.approx(np.median(scores) - row["book"])


def fill(sheet, score):
    return sheet.assign(score=score)


@pytest.mark.parametrize(
    "save",
    [
        lambda sheet, path: sheet.to_csv(path, index=False),
        lambda sheet, path: sheet.to_csv(path, index=False, sep=";", encoding="utf-8-sig"),
        lambda sheet, path: sheet.to_csv(path, index=False, sep="\t", encoding="utf-16"),
        lambda sheet, path: sheet.assign(why="because of the café").to_csv(path, index=False, encoding="cp1252"),
        lambda sheet, path: sheet.iloc[::-1][["score", "dimension", "case"]].to_csv(path, index=False),
        lambda sheet, path: fill(sheet, "−0,5").to_csv(path, index=False),
        lambda sheet, path: path.write_text(sheet.to_csv(index=False) + ",,,,,,,,\n", encoding="utf-8"),
    ],
    ids=["plain", "semicolons", "utf-16 tabs", "windows", "other order", "minus and comma", "empty row"],
)
def test_a_sheet_reads_as_spreadsheets_save_it(save, tmp_path):
    save(fill(coding_sheet(), "-0.5"), tmp_path / "Ann.csv")
    codings = read_codings(tmp_path)
    assert len(codings) == 24
    assert set(codings["coder"]) == {"Ann"}
    assert set(codings["score"]) == {-0.5}


def test_sheets_of_a_class_read_with_blanks_and_agree_with_themselves(tmp_path):
    sheet = fill(coding_sheet(evidence=False), "1")
    sheet.loc[3, "score"] = ""
    for name in ("a", "b"):
        fill(sheet, np.where(sheet["dimension"] == "value", "-1", sheet["score"])).to_csv(tmp_path / f"{name}.csv")
    codings = read_codings([tmp_path / "a.csv", tmp_path / "b.csv"])
    wide = codings.pivot(index="coder", columns=["case", "dimension"], values="score")
    assert wide.shape == (2, 24)
    assert wide.isna().sum().sum() == 2
    assert agreement(wide) == 1


def test_every_problem_of_every_sheet_is_listed_with_its_place(tmp_path):
    sheet = fill(coding_sheet(), "0")
    bad = sheet.copy()
    bad.loc[0, "score"] = "2"
    bad.loc[1, "case"] = "kobbe"
    bad.loc[2, "dimension"] = bad.loc[0, "dimension"]
    bad.to_csv(tmp_path / "bad.csv", index=False)
    sheet.drop(columns="score").to_csv(tmp_path / "headless.csv", index=False)
    coding_sheet().to_csv(tmp_path / "idle.csv", index=False)
    (tmp_path / "nothing.csv").write_bytes(b"")
    (tmp_path / "large.csv").write_bytes(b"case,dimension,score\n" + b"x" * 1_000_001)
    with pytest.raises(ValueError, match="bad") as caught:
        read_codings(tmp_path)
    for part in (
        "bad.csv, row 2, column 'score' is '2'; it must be one of -1, -0.5, 0, 0.5, 1, or blank",
        "bad.csv, row 3, column 'case': 'kobbe' is unknown (did you mean 'kobe'?)",
        "bad.csv, row 4, column 'case': yokohama, provider is there twice",
        "headless.csv, row 1: the columns score are missing",
        "idle.csv, column 'score': no score yet",
        "nothing.csv is empty; the columns case, dimension, score are needed",
        "large.csv holds 1,000,022 bytes",
    ):
        assert part in str(caught.value), part


def test_files_that_are_not_there(tmp_path):
    with pytest.raises(ValueError, match=r"holds no \.csv file"):
        read_codings(tmp_path)
    with pytest.raises(FileNotFoundError, match="nobody"):
        read_codings(tmp_path / "nobody.csv")
    (tmp_path / "more").mkdir()
    for folder in (tmp_path, tmp_path / "more"):
        fill(coding_sheet(), "0").to_csv(folder / "ann.csv", index=False)
    assert len(read_codings([tmp_path / "ann.csv", tmp_path / "more/ann.csv"])) == 24, (
        "the same file twice is one sheet"
    )
    fill(coding_sheet(), "1").to_csv(tmp_path / "more/ann.csv", index=False)
    with pytest.raises(ValueError, match="a sheet of 'ann' is there already"):
        read_codings([tmp_path / "ann.csv", tmp_path / "more/ann.csv"])


@pytest.mark.parametrize("again", ["ANN.csv", "Ann (1).csv", "Ann - Copy.csv", "ann - copy (2).csv"])
def test_two_sheets_of_one_coder_are_not_two_coders(again, tmp_path):
    sheet = fill(coding_sheet(), "0")
    for name in ("Ann.csv", "Anna.csv"):
        sheet.to_csv(tmp_path / name, index=False)
    fill(sheet, "1").to_csv(tmp_path / again, index=False)
    with pytest.raises(ValueError, match=r"a sheet of '(Ann|ANN|ann)' is there already.*; keep one sheet of each"):
        read_codings(tmp_path)
    (tmp_path / again).unlink()
    assert set(read_codings(tmp_path)["coder"]) == {"Ann", "Anna"}


@pytest.mark.parametrize("others", [True, False])
def test_a_coder_who_saved_a_workbook_is_not_left_out_without_a_word(others, tmp_path):
    (tmp_path / "Ben.xlsx").touch()
    if others:
        fill(coding_sheet(), "0").to_csv(tmp_path / "Ann.csv", index=False)
    with pytest.raises(ValueError, match=r"Ben.xlsx is a workbook that cannot be read .*; save its sheet as CSV"):
        read_codings(tmp_path)


def lab(folder, monkeypatch) -> dict:
    """What the coding lab's own cells compute for the sheets in `folder`/codings."""
    book = nbformat.read(Path(__file__).parents[1] / "book/teach/coding-lab.ipynb", as_version=4)
    monkeypatch.chdir(folder)
    taught = {}
    exec("\n".join(cell.source for cell in book.cells if cell.cell_type == "code"), taught)
    return taught


def test_one_coder_alone_is_compared_with_the_book(tmp_path, monkeypatch):
    (tmp_path / "codings").mkdir()
    fill(coding_sheet(), "1").to_csv(tmp_path / "codings/Ann.csv", index=False)
    taught = lab(tmp_path, monkeypatch)
    assert set(taught["codings"]["coder"]) == {"Ann", "this book"}
    assert taught["measured"]["alpha"].iloc[0] < 0.5
    assert (taught["compared"]["high"] == 1).all()


def test_two_coders_who_agree_wholly(tmp_path, monkeypatch):
    (tmp_path / "codings").mkdir()
    sheet = fill(coding_sheet(), "1")
    sheet.loc[::2, "score"] = "-0.5"
    sheet.loc[5, "score"] = ""
    for name in ("Ann", "Ben"):
        sheet.to_csv(tmp_path / f"codings/{name}.csv", index=False)
    taught = lab(tmp_path, monkeypatch)
    assert set(taught["codings"]["coder"]) == {"Ann", "Ben"}
    assert (taught["measured"][["alpha", "low", "high"]] == 1).all(axis=None)
    assert (taught["compared"]["apart"].dropna() == 0).all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (dict(codings=[[1, 2, 3]]), "at least two"),
        (dict(codings=KRIPPENDORFF, coverage=2), "coverage is 2"),
        (dict(codings=KRIPPENDORFF, draws=0), "draws is 0"),
        (dict(codings=KRIPPENDORFF, coverage=1), "coverage is 1"),
        (dict(codings=KRIPPENDORFF, clusters=["a"]), "one for each of the 12 units"),
        (dict(codings=KRIPPENDORFF, clusters=["a"] * 12), "one cluster"),
        (dict(codings=KRIPPENDORFF, level="cardinal"), "nominal, ordinal"),
    ],
)
def test_bad_intervals(arguments, message):
    with pytest.raises(ValueError, match=message):
        agreement_interval(**arguments)
