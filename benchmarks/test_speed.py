"""Speed, as ratios to peers measured in the same run: `make bench`.

Nothing here is a test of the book: no time is asserted, so a slow machine fails nothing.
"""

import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import numpy_financial
import pandas as pd
import pytest
import pyxirr
from distributed import Client, LocalCluster

from sibmodels import Card, CardResult, Line, Tranche, cases, cash_flows, irr, measure, simulate, waterfall

PATHS = 1_000_000
MEMORY = """
import sys
from sibmodels import cases, simulate
case = "uk-provider-led"
simulate(cases.contract(case), cases.outlook(case), cohort=9000, draws=int(sys.argv[1]), rho=0.3)
peak = [line for line in open("/proc/self/status") if line.startswith("VmHWM")][0]
print(int(peak.split()[1]) / 1024**2)
"""


def invested(rng, count):
    """One payment out, then whatever comes back: one change of sign."""
    paths = rng.uniform(0, 20, (count, 24))
    paths[:, 0] = -rng.uniform(50, 300, count)
    return paths


def mixed(rng, count):
    """One payment out, then flows either way."""
    return np.where(np.arange(24) == 0, -200, rng.normal(20, 30, (count, 24)))


def few_changes(rng, count):
    """Three to six changes of sign."""
    flips = rng.random((count, 23)).argsort(axis=1) < rng.integers(3, 7, (count, 1))
    return (-1.0) ** np.insert(flips, 0, True, axis=1).cumsum(axis=1) * rng.uniform(1, 99, (count, 24))


def nearly_touching(rng, count):
    """Two roots a hundred-thousandth apart."""
    y = 1 / (1 + rng.uniform(-0.4, 0.8, (count, 1))) * [1, 1 + 1e-5]
    return np.column_stack([y.prod(axis=1), -y.sum(axis=1), np.ones(count)])


def very_long(rng, count):
    """1,200 flows: a hundred years of months."""
    return np.where(np.arange(1_200) == 0, -200, rng.normal(1, 3, (count, 1_200)))


KINDS = {invested: 20_000, mixed: 20_000, few_changes: 20_000, nearly_touching: 20_000, very_long: 256}
PEERS = {
    "sibmodels": lambda paths, rows: irr(paths),
    "pyxirr": lambda paths, rows: [pyxirr.irr(row, silent=True) for row in rows],
    "numpy_financial": lambda paths, rows: [numpy_financial.irr(row) for row in rows],
}


# the roots of a polynomial of degree 1,199 take numpy_financial seconds a path
EQUAL = [(kind, peer) for kind in KINDS for peer in PEERS if (kind, peer) != (very_long, "numpy_financial")]


@pytest.mark.parametrize(("kind", "peer"), EQUAL)
def test_irr(benchmark, kind, peer):
    """The same paths for every peer: a table for us, for the others row by row, in the form they are quickest with."""
    paths = kind(np.random.default_rng(0), KINDS[kind])
    rows = list(paths) if peer == "numpy_financial" else paths.tolist()
    benchmark.group = f"irr, {kind.__doc__.partition(':')[0].rstrip('.')}, {len(paths):,} paths"
    benchmark.extra_info |= {"unit": "path", "count": len(paths), "who": peer}
    rates = benchmark.pedantic(PEERS[peer], args=(paths, rows), rounds=3, warmup_rounds=1)
    if kind is invested:
        np.testing.assert_allclose(rates[:500], [pyxirr.irr(row) for row in rows[:500]], atol=1e-9)


@pytest.mark.benchmark(group="irr, a million paths of 24 flows with one change of sign")
def test_irr_of_a_million(benchmark):
    paths = invested(np.random.default_rng(1), PATHS)
    benchmark.extra_info["unit"], benchmark.extra_info["count"] = "path", PATHS
    benchmark.pedantic(irr, args=(paths,), rounds=3, warmup_rounds=1)


@pytest.mark.benchmark(group="cash flows, 10,000 scenarios of 24 periods")
def test_cash_flows(benchmark):
    rng = np.random.default_rng(0)
    costs, payments = rng.uniform(0, 10, (10_000, 24)), rng.normal(5, 10, (10_000, 24))
    benchmark.extra_info["unit"], benchmark.extra_info["count"] = "path", len(costs)
    terms = {"fee": 3, "guarantee": 5, "lag": 2, "distribute": "as received", "committed": 50}
    benchmark.pedantic(cash_flows, args=(costs, payments), kwargs=terms, rounds=5, warmup_rounds=1)


@pytest.mark.benchmark(group="waterfall of three tranches, 10,000 scenarios of seven years of months")
def test_waterfall(benchmark):
    rng = np.random.default_rng(0)
    costs = np.where(np.arange(84) < 60, 1.0, 0.0)
    payments = rng.gamma(0.5, 1.6, (10_000, 84)) * rng.uniform(0, 1.6, (10_000, 1))
    stack = [Tranche("senior", 20, "up front", 0.003, protected=0.1), Tranche("middle", 10, surplus=0.2)]
    stack.append(Tranche("junior", 10, surplus=0.8, return_cap=0.02))
    benchmark.pedantic(waterfall, args=(costs, payments, stack), kwargs={"fee": 0.5}, rounds=5, warmup_rounds=1)


@pytest.mark.benchmark(group="a rate card of 21 lines with a cap a person, 171 people, 10,000 scenarios")
def test_card(benchmark):
    card = Card([Line(str(n), 100 * n, 0.5) for n in range(1, 22)], person_cap=12_000)
    benchmark.pedantic(measure, args=({"card": CardResult(card, 171, 10)},), rounds=3, warmup_rounds=1)


def run(draws, executor=None):
    case = "uk-provider-led"
    return simulate(
        cases.contract(case), cases.outlook(case), cohort=9000, draws=draws, rho=0.3, seed=1, executor=executor
    )


@pytest.mark.parametrize("draws", [100_000, 1_000_000, 10_000_000])
def test_simulate(benchmark, draws):
    benchmark.extra_info |= {"unit": "draw", "count": draws, "work": f"simulate four outcomes, {draws:,} draws"}
    benchmark.pedantic(run, args=(draws,), rounds=1 if draws > 1_000_000 else 3)


@pytest.mark.benchmark(group="simulate, 1,000,000 draws on two workers")
def test_simulate_alone(benchmark):
    benchmark.extra_info |= {"unit": "draw", "count": 1_000_000, "who": "one process"}
    benchmark.pedantic(run, args=(1_000_000,), rounds=3)


@pytest.mark.benchmark(group="simulate, 1,000,000 draws on two workers")
def test_simulate_process_pool(benchmark):
    benchmark.extra_info |= {"unit": "draw", "count": 1_000_000, "who": "process pool"}
    with ProcessPoolExecutor(2) as pool:
        together = benchmark.pedantic(run, args=(1_000_000, pool), rounds=3, warmup_rounds=1)
    pd.testing.assert_frame_equal(together, run(1_000_000), check_exact=True)


@pytest.mark.benchmark(group="simulate, 1,000,000 draws on two workers")
def test_simulate_dask(benchmark):
    benchmark.extra_info |= {"unit": "draw", "count": 1_000_000, "who": "Dask, local cluster"}
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster, Client(cluster) as client:
        pool = client.get_executor()
        together = benchmark.pedantic(run, args=(1_000_000, pool), rounds=3, warmup_rounds=1)
    pd.testing.assert_frame_equal(together, run(1_000_000), check_exact=True)


@pytest.mark.parametrize("draws", [1_000_000, 10_000_000])
def test_memory(benchmark, draws):
    process = [sys.executable, "-c", MEMORY, str(draws)]
    benchmark.extra_info["work"] = f"a process that simulates {draws:,} draws"
    peak = benchmark.pedantic(lambda: subprocess.run(process, capture_output=True, text=True, check=True), rounds=1)
    benchmark.extra_info["peak_gb"] = round(float(peak.stdout), 2)


@pytest.mark.benchmark(group="import")
@pytest.mark.parametrize("package", ["sibmodels", "pandas"])
def test_import(benchmark, package):
    benchmark.extra_info |= {"unit": "import", "who": package}
    command = [sys.executable, "-c", f"import {package}"]
    benchmark.pedantic(lambda: subprocess.run(command, check=True), rounds=7, warmup_rounds=2)
