"""One table for every comparison: what was timed, on how much, by whom, how long each took, and the ratio to a peer."""

HEAD = f"{'equal work':66}{'who':28}{'each':>14}{'ours / theirs':>16}"


def lines(work: str, rows: list[tuple[str, float, str]]) -> list[str]:
    """Lines of a comparison; `rows` are (who, seconds each, unit), ours first."""
    ours = rows[0][1]
    shown = []
    for place, (who, seconds, unit) in enumerate(rows):
        time = f"{seconds * 1e6:,.2f} us" if seconds < 0.01 else f"{seconds:,.2f} s"
        ratio = f"{ours / seconds:16.3f}" if place else ""
        shown.append(f"{work if not place else '':66}{who:28}{f'{time}/{unit}':>14}{ratio}".rstrip())
    return shown
