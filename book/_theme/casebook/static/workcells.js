// Work cells under the exercises: a blank to fill in, run in the page's own Python, then the check of the student edition.
// workcells.py makes them, live.js runs cells; nothing is loaded before the first press.
(function () {
  "use strict";
  const word = window.casebookWord, counted = window.casebookCounted;
  const live = window.casebookLive, key = "casebook-work:" + location.pathname;
  if (!live) return;
  let kept = {}, going = null, ending = null; // who runs; whose run was ended, until it is said why
  try { kept = JSON.parse(localStorage.getItem(key)) || {}; } catch (error) { /* no storage, or not ours: nothing kept */ }

  const works = [...document.querySelectorAll(".work")].map((box) => {
    const find = (name) => box.querySelector(".work-" + name), area = find("code"), n = box.dataset.exercise;
    const before = live.cells.filter((cell) => cell.box.compareDocumentPosition(box) & Node.DOCUMENT_POSITION_FOLLOWING).length;
    const part = (source, output) => ({ box, source, output, number: before + 1, apart: true, published: [] });
    const work = {
      box, n, area, blank: area.defaultValue, said: find("said"), go: find("go"), stop: find("stop"), reset: find("reset"), progress: find("progress"),
      code: part(area.defaultValue, find("out")), check: box.dataset.check && part(box.dataset.check, find("said")),
    };
    work.code.editor = { text: () => area.value, set: (text) => { area.value = text; }, fault: () => {} };
    if (kept[n] && kept[n][0] === work.blank) area.value = kept[n][1]; // a new edition of the exercise drops it
    area.rows = Math.max(area.rows, area.value.split("\n").length);
    work.reset.hidden = area.value === work.blank;
    area.addEventListener("input", () => keep(work, area.value));
    area.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !event.shiftKey) return;
      event.preventDefault();
      press(work);
    });
    work.go.addEventListener("click", () => press(work));
    work.stop.addEventListener("click", () => {
      if (going !== work) return;
      live.stop();
      ending = null;
      tell(work, word("workcells.stopped"));
      work.go.focus();
    });
    work.reset.addEventListener("click", () => {
      if (going === work) return;
      work.code.editor.set(work.blank);
      work.code.output.replaceChildren();
      tell(work, word("workcells.empty"));
      keep(work, work.blank);
      work.go.focus();
    });
    return work;
  });
  if (!works.length) return;

  function keep(work, text) {
    if (text === work.blank) delete kept[work.n];
    else kept[work.n] = [work.blank, text];
    work.reset.hidden = text === work.blank;
    try { localStorage.setItem(key, JSON.stringify(kept)); } catch (error) { /* not kept over a reload, then */ }
  }
  function tell(work, words) { work.said.textContent = words; }
  function show(words) {
    if (!going) return;
    going.progress.textContent = words;
    going.progress.hidden = !words;
  }

  // --- one press: Python, what of the chapter the code rests on, the code, its check

  async function press(work) {
    if (going === work) return;
    if (live.busy()) return tell(work, word("workcells.busy"));
    going = work;
    ending = null;
    work.code.output.replaceChildren();
    tell(work, live.loaded() ? "" : word("workcells.loads", { size: (live.bytes / 1e6).toFixed(0) }));
    const lack = live.begin();
    if (lack) going = null;
    if (lack) return tell(work, lack);
    if (going !== work) return; // Python could not start, which has been said
    work.stop.hidden = false;
    work.go.setAttribute("aria-disabled", "true");
    live.editor().then((editor) => works.forEach((one) => open(one, editor)), () => { /* the plain field does */ });
    const words = await answered(work);
    if (going !== work) return; // stopped, or Python had to end
    going = null;
    rest(work);
    live.done();
    if (words) tell(work, words);
    (work.box.querySelector(".live-error") || work.said).scrollIntoView({ block: "nearest" });
  }
  async function answered(work) { // what there is to say, beyond what the check itself says
    const mine = () => going === work;
    for (let told = false; ;) {
      const asked = await live.ask({ values: live.assumed(), seen: [], closed: [], longest: null, code: work.code.editor.text(), number: work.code.number });
      if (!mine()) return "";
      if (!asked.first.length) break;
      if (!told) tell(work, counted("workcells.first", asked.first.length));
      told = true;
      show(counted("workcells.to_go", asked.first.length));
      const number = asked.first[0], ok = await live.run(live.cells[number - 1]);
      if (!mine()) return "";
      if (!ok) return word("workcells.rests", { number });
    }
    show("");
    tell(work, "");
    if (!await live.run(work.code)) return mine() ? word("workcells.error") : "";
    if (!mine() || !work.check) return mine() ? word("workcells.ran") : "";
    await live.run(work.check);
    if (mine() && (live.assumed().length || live.cells.slice(0, work.code.number - 1).some(live.edited))) {
      work.said.append(Object.assign(document.createElement("p"), { textContent: word("workcells.changed") }));
    }
    return "";
  }
  function rest(work) {
    work.stop.hidden = work.progress.hidden = true;
    work.go.setAttribute("aria-disabled", "false");
    [work.code, work.check].filter(Boolean).forEach((part) => {
      part.output.removeAttribute("aria-busy");
      delete work.box.dataset.running;
    });
  }

  // --- the editor of the page's cells, once there is one

  function open(work, editor) {
    if (work.opened) return;
    if (work.area === document.activeElement) return work.area.addEventListener("blur", () => open(work, editor), { once: true });
    work.opened = true;
    const place = document.createElement("div");
    place.className = "live-editor";
    work.area.after(place);
    work.area.hidden = true;
    work.code.editor = editor.edit(place, work.area.value, {
      label: work.area.getAttribute("aria-label"),
      help: "work-help",
      run: () => press(work),
      leave: () => work.go.focus(),
      changed: (text) => keep(work, text),
    });
  }
  document.addEventListener("casebook:editors", (event) => works.forEach((work) => open(work, event.detail)));
  document.addEventListener("casebook:progress", (event) => show(event.detail));
  document.addEventListener("casebook:ended", () => { // Stop, or Python had to end: what is said next says why
    if (!going) return;
    ending = going;
    going = null;
    rest(ending);
  });
  document.addEventListener("casebook:said", (event) => {
    if (ending) tell(ending, event.detail);
    ending = null;
  });
})();
