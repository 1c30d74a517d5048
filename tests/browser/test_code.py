"""Code for those who ask: folded, one switch for the book, open where it runs."""

from playwright.sync_api import expect

KOBE = "book/cases/kobe.html"
SHARE = """() => {
  const tall = item => item.getBoundingClientRect().height;
  const code = [...document.querySelectorAll(".cell_input")].filter(each => each.checkVisibility());
  return code.reduce((sum, each) => sum + tall(each), 0) / tall(document.querySelector("article"));
}"""


def test_code_is_folded_and_one_remembered_switch_opens_it(visit):
    page = visit(KOBE)
    assert page.evaluate(SHARE) == 0
    switch = page.get_by_role("button", name="Show code")
    expect(switch).to_have_attribute("aria-pressed", "false")
    switch.press("Enter")
    expect(switch).to_have_attribute("aria-pressed", "true")
    assert page.evaluate(SHARE) > 0.1
    expect(page.locator("details.solution")).not_to_have_attribute("open", "")
    page.goto(page.url.replace("kobe", "yokohama"))
    expect(switch).to_have_attribute("aria-pressed", "true")
    assert page.locator("details.folded:not([open])").count() == 0
    switch.click()
    page.reload()
    assert page.locator("details.folded[open]").count() == 0
    assert page.faults == []


def test_the_switch_works_where_nothing_can_be_stored(visit):
    page = visit("book/index.html")
    page.add_init_script("Object.defineProperty(window, 'localStorage', { get() { throw new Error('denied'); } });")
    page.goto(page.url.replace("book/index", "book/cases/kobe"))
    page.get_by_role("button", name="Show code").click()
    assert page.evaluate(SHARE) > 0.1
    page.locator("#q").press_sequentially("cap")
    expect(page.get_by_role("option").first).to_be_visible()
    assert page.faults == []


def test_without_scripts_each_fold_opens_by_itself(visit):
    page = visit(KOBE, java_script_enabled=False)
    expect(page.locator("#show-code")).to_be_hidden()
    fold = page.locator("details.folded").first
    expect(fold.locator("pre")).to_be_hidden()
    fold.locator("summary").press("Enter")
    expect(fold.locator("pre")).to_be_visible()


def test_opening_the_code_of_a_remembered_choice_moves_little(visit):
    page = visit(KOBE)
    page.get_by_role("button", name="Show code").click()
    page.reload()
    page.wait_for_timeout(300)
    shift = """() => new Promise(done => { let sum = 0;
      new PerformanceObserver(list => list.getEntries().forEach(entry => { sum += entry.value; }))
        .observe({ type: "layout-shift", buffered: true }); setTimeout(() => done(sum), 100); })"""
    assert page.evaluate(shift) < 0.01
