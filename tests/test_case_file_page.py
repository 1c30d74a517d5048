"""The page that documents the case file says what the code checks."""

import re
from pathlib import Path

import pytest

from sibmodels import casefile
from sibmodels.rules import RULES, pays

PAGE = Path(__file__).parents[1] / "book/practice/case-file.md"


def schedules() -> str:
    """The table of the ways to pay, as the page has it."""
    lines = ["```{table} How an outcome pays: the schedules.", "| `schedule` | what is paid | needs |", "|---|---|---|"]
    for name, rule in RULES.items():
        needs = ["`payment` or `weight`" if key == "amount" else f"`{key}`" for key in rule.needs]
        needs += ["`unit` people or count"] * rule.counts
        lines.append(f"| `{name}` | {pays(name)} | {', and '.join(needs)} |")
    return "\n".join([*lines, f"| `none` | {pays('none')} | |", "```"])


def documented() -> str:
    """The table of every key, as the page has it."""
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


MADE = {"rules": schedules, "schema": documented}  # `python -m tests.test_case_file_page` writes them there


@pytest.mark.parametrize("name", MADE)
def test_the_page_has_what_the_code_has(name):
    found = re.search(rf"<!-- {name} -->\n(.*)\n<!-- /{name} -->", PAGE.read_text(encoding="utf-8"), flags=re.S)
    assert found[1].strip() == MADE[name](), f"{PAGE.name}: run `python -m tests.test_case_file_page`"


if __name__ == "__main__":
    text = PAGE.read_text(encoding="utf-8")
    for name, made in MADE.items():
        text = re.sub(rf"(?<=<!-- {name} -->\n).*(?=<!-- /{name} -->)", f"\n{made()}\n\n", text, flags=re.S)
    PAGE.write_text(text, encoding="utf-8")
