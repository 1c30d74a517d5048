"""The page that documents the case file says what the code checks."""

import re
from pathlib import Path

from sibmodels import casefile

PAGE = Path(__file__).parents[1] / "book/practice/case-file.md"


def documented() -> str:
    """The table of every key, as the page has it; `python -m tests.test_case_file_page` writes it there."""
    lines = [
        "```{table} Every key of a case file.",
        "| section | key | what it is | allowed | needed | range |",
        "|---|---|---|---|---|---|",
    ]
    for row in casefile.schema().itertuples():
        section = f"`[[{row.section}]]`" if row.section in casefile.LISTS else f"`[{row.section}]`"
        needed, ranged = "yes" if row.needed else "", "yes" if row.range else ""
        lines.append(f"| {section} | `{row.key}` | {row.meaning} | {row.kind} | {needed} | {ranged} |")
    return "\n".join([*lines, "```"])


def test_the_page_has_every_key():
    found = re.search(r"<!-- schema -->\n(.*)\n<!-- /schema -->", PAGE.read_text(encoding="utf-8"), flags=re.S)
    assert found[1].strip() == documented()


def test_the_page_has_every_schedule():
    table = PAGE.read_text(encoding="utf-8").partition("## How an outcome")[2].partition("## Every key")[0]
    assert re.findall(r"^\| `([^`]+)` \| ", table, flags=re.M)[1:] == list(casefile.SCHEDULES)


if __name__ == "__main__":
    text = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(
        re.sub(r"(?<=<!-- schema -->\n).*(?=<!-- /schema -->)", lambda _: f"\n{documented()}\n\n", text, flags=re.S),
        encoding="utf-8",
    )
