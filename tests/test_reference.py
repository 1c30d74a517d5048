"""The package name by name: every public name has its entry, and chapters lead there."""

import re
from pathlib import Path

import pytest
from casebook import chapters, reference

import sibmodels

ROOT = Path(__file__).parents[1]
NAMES = reference.everything(ROOT)
BY_CALL = {name.call: name for name in NAMES}


def test_every_public_name_has_its_entry_and_every_module_its_page():
    top = {name for names in sibmodels._HOME.values() for name in names}
    assert top <= set(BY_CALL)
    for name in sibmodels._MODULES.values():
        module = name.rpartition(".")[2]
        where = f"book/_ext/casebook/reference.py: PAGES says on which page {module} is shown"
        assert module == "teach" or module in reference.modules(), where
    assert len(NAMES) > 150
    assert [name.call for name in NAMES if not name.doc and name.module != "charts"] == []


def test_an_entry_is_what_the_code_says():
    one = BY_CALL["cash_flows"]
    assert one.signature.startswith("sib.cash_flows(\n    costs,\n    payments,\n    *,\n    fee=0.0,")
    assert "annotation" not in one.code
    assert one.doc.startswith("Who pays whom")
    assert one.doc[:30] not in one.code
    assert BY_CALL["irr"].signature == "sib.irr(flows, axis=-1)"  # the function, and none of its overloads
    assert BY_CALL["value.GREEN_BOOK"].doc.startswith("HM Treasury")
    assert BY_CALL["casefile.CaseFile"].file == "sibmodels/casefile/model.py"
    parts = {part.call: part.signature for part in BY_CALL["PaymentSchedule"].parts}
    assert parts["PaymentSchedule.__call__"] == "payment_schedule(performance)"
    assert parts["PaymentSchedule.threshold"] == "PaymentSchedule.threshold(trigger, payment)"
    assert parts["PaymentSchedule.max_payment"] == ""


@pytest.mark.parametrize("page", reference.PAGES)
def test_every_docstring_can_be_shown_and_leaves_no_marks(page):
    writer, ids = reference.Writer(ROOT, page), []
    for module in reference.PAGES[page].split():
        part = writer.module(module)
        ids += [name for section in part.findall(reference.nodes.section) for name in section["ids"]]
        for block in [*part.findall(reference.nodes.literal_block), *part.findall(reference.nodes.literal)]:
            block.parent.remove(block)
        assert re.findall(r".{0,30}(?:`|::|\n-{3,}|:[a-z]+:).{0,30}", part.astext()) == [], module
    assert len(ids) == len(set(ids))


def test_a_name_in_backticks_leads_to_its_entry_unless_it_is_an_argument():
    writer = reference.Writer(ROOT, "models")
    links = {link.astext(): link["refuri"] for link in writer.entry(BY_CALL["irr"]).findall(reference.nodes.reference)}
    assert links == {"npv": "#npv", "is_conventional": "#is_conventional"}
    size = writer.entry(BY_CALL["sample_size"])
    assert not list(size.findall(reference.nodes.reference))
    assert writer.link("cases.fact", BY_CALL["cases.fact"])["refuri"] == "tools.html#cases.fact"


def test_a_docstring_that_cannot_be_read_is_named():
    with pytest.raises(ValueError, match=r"the docstring of irr cannot be shown: .*Inline strong"):
        reference.Writer(ROOT, "models").text("a **b", "cashflows", "irr")


def test_chapters_name_what_they_use_and_all_of_it_has_an_entry():
    notebooks = [path for path in chapters.pages(ROOT) if path.suffix == ".ipynb"]
    without = {name for path in notebooks for name in reference.known_names(ROOT, path)[1]}
    assert {name for name in without if not name.rpartition(".")[2].isupper()} == set()
    line = reference.used_line(ROOT, ROOT / "book/cases/kobe.ipynb", {"models": "m.html", "tools": "t.html"})
    assert '<a href="m.html#irr"><code>irr</code></a>' in line
    assert '<a href="t.html#cases.fact"><code>cases.fact</code></a>' in line
    assert '#cases"' not in line
