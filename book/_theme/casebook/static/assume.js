// The panel "Assumptions": a slider that moves runs the cells that rest on it, and no others. assume.py makes the panel,
// live.js runs cells, and Python (stale.py) says which; nothing is loaded before the first touch.
(function () {
  "use strict";
  const word = window.casebookWord, counted = window.casebookCounted;
  const live = window.casebookLive, panel = document.getElementById("assume");
  if (!live || !panel) return;
  const SLOW = 0.6; // seconds that a cell may take while the slider moves
  const fold = panel.querySelector("details"), sum = panel.querySelector(".assume-sum");
  const all = panel.querySelector(".assume-all"), more = panel.querySelector(".assume-more"), said = panel.querySelector(".assume-said");
  const bar = document.querySelector(".live-bar"), narrow = matchMedia("(max-width: 79.99rem)");
  const rows = [...panel.querySelectorAll(".assume-row")].map((box) => {
    const range = box.querySelector("input");
    return { box, range, name: range.dataset.name, published: Number(range.defaultValue), now: Number(range.defaultValue) };
  });
  // a slider is held; cells run; one moved meanwhile; Python had to end meanwhile; and the values that a chain of cells runs at
  let held = false, going = false, again = false, turns = 0, taken = null, addressed = null;

  // --- values, as sibmodels.display.amount writes them

  function written(row, value) {
    const { unit, currency } = row.range.dataset;
    if (unit === "share") return word("assume.share", { number: Number((100 * value).toPrecision(4)) });
    const number = value.toLocaleString("en", { maximumSignificantDigits: 6 });
    return ["ratio", "count", "coefficient", "score"].includes(unit) ? number : word("assume." + (currency || unit), { number });
  }
  function moved() { return rows.filter((row) => row.now !== row.published); }
  function values() {
    return moved().map((row) => {
      const dot = row.name.indexOf(".");
      return [row.name.slice(0, dot), row.name.slice(dot + 1), row.now];
    });
  }
  function put(row, value) {
    row.now = value;
    row.range.value = value;
    const same = value === row.published, shown = written(row, value);
    row.box.querySelector(".assume-value").textContent = shown;
    row.range.setAttribute("aria-valuetext", shown + (same ? word("assume.as_published") : word("assume.published", { value: written(row, row.published) })));
    row.box.querySelector("button").hidden = same;
    row.box.classList.toggle("assume-moved", !same);
    const count = moved().length;
    sum.textContent = count ? word("assume.moved", { count }) : word("assume.to_move", { count: rows.length });
    all.hidden = !count;
  }

  // --- the address: ?assume=kobe.rho:0.5,kobe.effect:0.4

  function fromAddress() {
    const asked = new URLSearchParams(location.search).get("assume");
    if (!asked) return;
    const wrong = asked.split(",").filter((part) => {
      const at = part.lastIndexOf(":"), row = rows.find((one) => one.name === part.slice(0, at)), value = Number(part.slice(at + 1));
      if (!row || part.length === at + 1 || !(value >= Number(row.range.min) && value <= Number(row.range.max))) return true;
      put(row, value);
      row.now = Number(row.range.value); // the nearest position
    });
    const count = moved().length, words = [];
    if (count) words.push(counted("assume.address", count));
    if (wrong.length) words.push(word("assume.left_out", { parts: wrong.join(", ").slice(0, 200) }));
    live.say(words.join(" "));
    fold.open = true;
    const follow = document.createElement("button");
    follow.type = "button";
    follow.textContent = word("assume.follows");
    follow.addEventListener("click", pump);
    if (count) all.after(" ", follow);
    return follow;
  }
  function toAddress() {
    clearTimeout(toAddress.soon);
    toAddress.soon = setTimeout(() => {
      const to = new URL(location.href);
      to.searchParams.delete("assume");
      const query = [to.searchParams.toString(), moved().length && "assume=" + moved().map((row) => encodeURIComponent(row.name) + ":" + row.now).join(",")];
      to.search = query.filter(Boolean).join("&");
      try { history.replaceState(history.state, "", to); } catch (error) { /* as it was */ }
    }, 250); // a browser refuses more than a few a second
  }

  // --- hands

  rows.forEach((row) => {
    row.range.addEventListener("input", () => {
      held = true;
      put(row, Number(row.range.value));
      one(row);
      pump();
    });
    row.range.addEventListener("change", settle);
    row.box.querySelector("button").addEventListener("click", () => {
      put(row, row.published);
      row.range.focus();
      settle();
    });
  });
  all.addEventListener("click", () => {
    rows.forEach((row) => put(row, row.published));
    panel.querySelector("summary").focus();
    settle();
  });
  function settle() {
    held = false;
    toAddress();
    pump();
  }
  // on a phone the slider that is touched stands alone, so that the text is seen above it
  function one(row) {
    if (!narrow.matches) return;
    panel.classList.add("assume-one");
    rows.forEach((other) => other.box.classList.toggle("assume-touched", other === row));
    more.hidden = false;
  }
  more.addEventListener("click", () => {
    panel.classList.remove("assume-one");
    more.hidden = true;
    const touched = panel.querySelector(".assume-touched input");
    touched.focus();
    touched.scrollIntoView({ block: "nearest" });
  });

  // --- what is out of date runs; a slider that moves meanwhile is heard after each cell

  function visible(cell) {
    const box = cell.output.getBoundingClientRect();
    return box.height > 1 && box.bottom > 0 && box.top < innerHeight;
  }
  function folded(cell) { return cell.output.closest("details:not([open])") !== null; }
  function numbers(cells) { return cells.map((cell) => cell.number); }
  function pump() {
    if (going || live.busy()) {
      again = true;
      return;
    }
    again = false;
    if (addressed) addressed.remove();
    const lack = live.begin();
    if (lack) return live.say(lack);
    going = true;
    turns++;
    turn(turns);
  }
  function turn(mine) {
    // while the slider moves, what is in view comes to its end before a newer value is taken: else a chain's end starves
    if (!held || !taken) taken = values();
    const ask = { values: taken, seen: numbers(live.cells.filter(visible)), closed: numbers(live.cells.filter(folded)), longest: held ? SLOW : null };
    live.ask(ask).then((answer) => {
      if (mine !== turns || !going) return;
      live.cells.forEach((cell) => {
        const stuck = answer.stuck.includes(cell.number);
        cell.box.classList.toggle("live-stale", answer.perhaps.includes(cell.number) && !stuck);
        hold(cell, stuck);
      });
      if (answer.next === null) return end(answer);
      live.tell(answer.perhaps.length > 1 ? word("assume.to_go", { count: answer.perhaps.length }) : "");
      live.run(live.cells[answer.next - 1]).then(() => {
        if (mine === turns && going) turn(mine);
      });
    });
  }
  function end(answer) {
    going = false;
    taken = null;
    live.done();
    if (again) return pump();
    if (held) return;
    if (!moved().length) live.cells.forEach((cell) => { // what is folded away need not run to be as published
      if (!answer.perhaps.includes(cell.number) || live.edited(cell)) return;
      live.asPublished(cell);
      cell.box.classList.remove("live-stale");
    });
    const count = document.querySelectorAll(":is(td, th, mark).moved").length, charts = document.querySelectorAll("figure.moved").length;
    const none = document.querySelectorAll(".live-none").length, words = [];
    if (count) words.push(counted("assume.numbers", count));
    if (charts) words.push(counted("assume.charts", charts));
    if (none) words.push(counted("assume.none", none));
    if (moved().length && answer.perhaps.some((number) => folded(live.cells[number - 1]))) words.push(word("assume.folded"));
    const text = words.join(word("assume.join"));
    live.say(text ? text[0].toUpperCase() + text.slice(1) + word("assume.end") : word(moved().length ? "assume.still" : "assume.all_published"));
  }
  function hold(cell, stuck) { // what rests on a cell without an answer stands as it was, and says so
    const note = cell.output.querySelector(".assume-stuck");
    cell.box.classList.toggle("live-blocked", stuck);
    if (stuck === Boolean(note)) return;
    if (note) return note.remove();
    cell.output.prepend(make("p", "assume-stuck live-note", word("assume.stuck")));
  }

  // --- what differs from print

  const NUMBER = /[-−]?\d[\d,]*(?:\.\d+)?/g;
  function make(tag, name, text) {
    const made = document.createElement(tag);
    made.className = name;
    made.textContent = text;
    return made;
  }
  function alike(a, b) { // to nine digits: two machines may differ in the last
    if (typeof a === "number" && typeof b === "number") return Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a), Math.abs(b));
    if (a === null || b === null || typeof a !== "object" || typeof b !== "object") return a === b;
    const keys = Object.keys(a);
    return keys.length === Object.keys(b).length && keys.every((key) => alike(a[key], b[key]));
  }
  function drawn(figure) {
    const { datasets, wide } = JSON.parse(figure.querySelector('script[type="application/json"]').textContent);
    return [Object.values(datasets), wide.description, figure.querySelector("figcaption").textContent];
  }
  function rowsOf(box) { return [...box.querySelectorAll("tr")]; }
  function head(row) { return [...row.cells].filter((cell) => cell.tagName === "TH").map(printed).join("|"); }
  function printed(cell) { return cell.textContent; }
  function same(was, now) {
    const figures = [was, now].map((box) => box.querySelector(".vega-figure"));
    if (figures[0] && figures[1]) return alike(...figures.map(drawn));
    const lines = [was, now].map((box) => (rowsOf(box).length ? [...box.querySelectorAll("caption"), ...rowsOf(box)] : [box]).map((line) => line.textContent.trim()));
    return alike(...lines);
  }
  function mark(cell) {
    const was = cell.published.filter((node) => node.nodeType === 1), now = [...cell.output.children];
    const error = cell.output.querySelector(".live-error");
    if (error && !live.edited(cell)) {
      const why = error.querySelector("p").textContent.replace(/^\w+: /, "");
      const none = make("p", "live-none", "");
      none.append(make("strong", "", word("assume.no_answer")), why);
      cell.output.replaceChildren(none);
      return;
    }
    if (was.length === now.length && was.every((box, i) => same(box, now[i]))) return live.asPublished(cell);
    now.forEach((box, i) => {
      if (!was[i] || same(was[i], box)) return;
      if (box.querySelector(".vega-figure")) markChart(box.querySelector(".vega-figure"), was[i]);
      else if (rowsOf(box).length) markTable(rowsOf(box), rowsOf(was[i]));
      else if (box.querySelector("pre")) markText(box.querySelector("pre"), was[i].textContent);
    });
  }
  function markChart(figure, was) {
    const caption = figure.querySelector("figcaption"), title = was.querySelector("figcaption");
    const same = title && title.textContent === caption.textContent;
    figure.classList.add("moved");
    caption.after(make("p", "was", word(same ? "assume.drawn_titled" : "assume.drawn")));
  }
  function markTable(now, was) {
    now.forEach((row, i) => {
      // the row in this place if it has this name, else the first of this name: a table may be sorted anew
      const twin = was[i] && head(was[i]) === head(row) ? was[i] : was.find((other) => head(other) === head(row)) || (was.length === now.length ? was[i] : null);
      [...row.cells].forEach((cell, k) => {
        const before = twin && twin.cells[k];
        if (before && printed(before) === printed(cell)) return;
        cell.classList.add("moved");
        if (!printed(cell).trim()) cell.append(word("assume.empty"));
        cell.append(make("small", "was", before ? word("assume.in_print", { value: printed(before) }) : word("assume.not_in_print")));
      });
    });
  }
  function markText(pre, was) {
    const before = was.match(NUMBER) || [], pieces = [];
    let from = 0, count = 0;
    for (const found of pre.textContent.matchAll(NUMBER)) {
      const old = before[count++];
      if (old === found[0]) continue;
      const number = make("mark", "moved", found[0]);
      if (old) number.append(make("small", "was", word("assume.was", { value: old })));
      pieces.push(pre.textContent.slice(from, found.index), number);
      from = found.index + found[0].length;
    }
    pre.replaceChildren(...pieces, pre.textContent.slice(from));
  }

  // --- the page around

  document.addEventListener("casebook:ran", (event) => { if (going || moved().length) mark(event.detail); });
  document.addEventListener("casebook:idle", () => { if (again && !going) pump(); });
  document.addEventListener("casebook:ended", () => { // Stop, or Python had to end: what ran is forgotten
    going = held = again = false;
    taken = null;
  });
  document.addEventListener("casebook:reset", () => {
    again = false;
    rows.forEach((row) => put(row, row.published));
    document.querySelectorAll(".live-stale, .live-blocked").forEach((box) => box.classList.remove("live-stale", "live-blocked"));
    toAddress();
  });
  ["said", "progress"].forEach((what) => document.addEventListener("casebook:" + what, (event) => { said.textContent = event.detail; }));
  document.addEventListener("toggle", (event) => { // a solution that is opened follows then
    if (event.target !== fold && event.target.open && turns && event.target.querySelector(".live-stale")) pump();
  }, true);
  new ResizeObserver(() => { // with the bar at the foot, the panel ends above it
    document.documentElement.style.setProperty("--bar", document.body.classList.contains("live-on") ? bar.offsetHeight + "px" : "0px");
  }).observe(bar);
  live.values(values);
  fold.open = !narrow.matches;
  addressed = fromAddress();
})();
