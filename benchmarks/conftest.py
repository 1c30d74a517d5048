"""What `make bench` prints: one table, each time for one path or draw, and the ratio to each peer on equal work."""

from collections import defaultdict

import table


def pytest_terminal_summary(terminalreporter, config):
    groups = defaultdict(list)
    for bench in config._benchmarksession.benchmarks:
        info = bench.extra_info
        who = info.get("who", "sibmodels")
        # alone where a group has no peers: sizes of one thing are no comparison
        key = bench.group if "who" in info else (bench.group, bench.name)
        groups[key].append((bench, who, bench.stats.median / info.get("count", 1), info.get("unit", "run")))
    terminalreporter.section("equal work in one run, medians")
    terminalreporter.write_line(table.HEAD)
    for found in groups.values():
        bench = found[0][0]
        for line in table.lines(bench.extra_info.get("work", bench.group), [row[1:] for row in found]):
            memory = bench.extra_info.get("peak_gb")
            terminalreporter.write_line(f"{line}   peak {memory} GB" if memory else line)
