"""A summary in the terms of the comparison: time of one path or draw, and ratios to the first of each group."""

from collections import defaultdict


def pytest_terminal_summary(terminalreporter, config):
    groups = defaultdict(list)
    for bench in config._benchmarksession.benchmarks:
        groups[bench.group].append(bench)
    terminalreporter.section("in the terms of the comparison (medians of this run)")
    for group, benches in groups.items():
        terminalreporter.write_line(group)
        first = None
        for bench in benches:
            info = bench.extra_info
            median = bench.stats.median / info.get("count", 1)
            first = first or median
            what = f"per {info['unit']}" if "unit" in info else ""
            memory = f"   peak {info['peak_gb']} GB" if "peak_gb" in info else ""
            shown = f"{median * 1e6:14.3f} us {what:9}" if "unit" in info else f"{median:14.3f} s  {what:9}"
            terminalreporter.write_line(f"  {bench.name:42}{shown} {median / first:10.2f} x the first{memory}")
