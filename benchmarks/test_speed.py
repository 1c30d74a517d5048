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

from sibmodels import cases, irr, simulate

PATHS = 1_000_000
MEMORY = """
import sys
from sibmodels import cases, simulate
case = "uk-provider-led"
simulate(cases.contract(case), cases.outlook(case), cohort=9000, draws=int(sys.argv[1]), rho=0.3)
peak = [line for line in open("/proc/self/status") if line.startswith("VmHWM")][0]
print(int(peak.split()[1]) / 1024**2)
"""


@pytest.fixture(scope="module")
def flows():
    """A million paths of 24 periods: one payment out, then whatever comes back."""
    rng = np.random.default_rng(1)
    paths = rng.uniform(0, 20, (PATHS, 24))
    paths[:, 0] = -rng.uniform(50, 300, PATHS)
    return paths


def per_path(benchmark, function, paths):
    """Time of one path; the peers get fewer paths, because they work one by one."""
    benchmark.extra_info["unit"], benchmark.extra_info["count"] = "path", len(paths)
    return benchmark.pedantic(function, args=(paths,), rounds=3, warmup_rounds=1)


@pytest.mark.benchmark(group="irr")
def test_irr_sibmodels(benchmark, flows):
    rates = per_path(benchmark, irr, flows)
    sample = flows[:500]
    np.testing.assert_allclose(rates[:500], [pyxirr.irr(row) for row in sample], atol=1e-9)


@pytest.mark.benchmark(group="irr")
def test_irr_pyxirr(benchmark, flows):
    per_path(benchmark, lambda rows: [pyxirr.irr(row) for row in rows], flows[:50_000])


@pytest.mark.benchmark(group="irr")
def test_irr_numpy_financial(benchmark, flows):
    per_path(benchmark, lambda rows: [numpy_financial.irr(row) for row in rows], flows[:2_000])


def run(draws, executor=None):
    case = "uk-provider-led"
    return simulate(
        cases.contract(case), cases.outlook(case), cohort=9000, draws=draws, rho=0.3, seed=1, executor=executor
    )


@pytest.mark.benchmark(group="simulate, four outcomes")
@pytest.mark.parametrize("draws", [100_000, 1_000_000, 10_000_000])
def test_simulate(benchmark, draws):
    benchmark.extra_info["unit"], benchmark.extra_info["count"] = "draw", draws
    benchmark.pedantic(run, args=(draws,), rounds=1 if draws > 1_000_000 else 3)


@pytest.mark.benchmark(group="simulate, 1,000,000 draws on two workers")
def test_simulate_alone(benchmark):
    benchmark.pedantic(run, args=(1_000_000,), rounds=3)


@pytest.mark.benchmark(group="simulate, 1,000,000 draws on two workers")
def test_simulate_process_pool(benchmark):
    with ProcessPoolExecutor(2) as pool:
        together = benchmark.pedantic(run, args=(1_000_000, pool), rounds=3, warmup_rounds=1)
    pd.testing.assert_frame_equal(together, run(1_000_000), check_exact=True)


@pytest.mark.benchmark(group="simulate, 1,000,000 draws on two workers")
def test_simulate_dask(benchmark):
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster, Client(cluster) as client:
        pool = client.get_executor()
        together = benchmark.pedantic(run, args=(1_000_000, pool), rounds=3, warmup_rounds=1)
    pd.testing.assert_frame_equal(together, run(1_000_000), check_exact=True)


@pytest.mark.benchmark(group="peak memory of simulate, GB (not a time)")
@pytest.mark.parametrize("draws", [1_000_000, 10_000_000])
def test_memory(benchmark, draws):
    process = [sys.executable, "-c", MEMORY, str(draws)]
    peak = benchmark.pedantic(lambda: subprocess.run(process, capture_output=True, text=True, check=True), rounds=1)
    benchmark.extra_info["peak_gb"] = round(float(peak.stdout), 2)


@pytest.mark.benchmark(group="import")
@pytest.mark.parametrize("package", ["sibmodels", "pandas"])
def test_import(benchmark, package):
    command = [sys.executable, "-c", f"import {package}"]
    benchmark.pedantic(lambda: subprocess.run(command, check=True), rounds=7, warmup_rounds=2)
