// A SIB of one's own in a form: what is typed is kept on this device, checked here and by the page's Python, and made
// a report below. Nothing is sent anywhere. The fields are the build's (sibmodels/casefile/form.py), and so are words.
(function () {
  "use strict";
  const form = document.querySelector("form.own");
  if (!form) return;
  const { words, example, read: ways } = JSON.parse(document.getElementById("own-data").textContent);
  const live = window.casebookLive, KEY = "casebook-own:" + location.pathname, root = document.documentElement;
  const find = (name) => form.querySelector(name), all = (box, name) => [...box.querySelectorAll(name)];
  const section = document.querySelector(".own-report"), frame = section.querySelector("iframe"), summary = find(".own-summary");
  const status = find(".own-status"), progress = find(".own-progress"), meter = progress.querySelector("progress");
  let started = false, pressed = false, working = false, turn = 0, timer = 0, before = null, report = "", loading = false;
  let ahead = [], unsaid = false, unread = [];

  function say(key, fields) {
    return words[key].replace(/\{(\w+)(!r)?[^}]*\}/g, (_, name, quoted) => quoted ? `“${fields[name]}”` : fields[name]);
  }
  function put(text) { if (status.textContent !== text) status.textContent = text; } // what is not new is not said again
  function tell(key, fields) { put(say(key, fields)); }
  const megabytes = (bytes) => (bytes / 1e6).toFixed(1);
  const button = (name) => document.querySelector(`.own [data-do="${name}"], .own-report [data-do="${name}"]`);

  // --- between fields and entries

  const fields = (box) => all(box, ".own-field");
  const inputs = (field) => all(field, "input, select, textarea");
  const items = (part) => all(part, ".own-item");
  const part = (field, name) => field.querySelector(`[data-part="${name}"]`);

  function read(field, hidden) {
    if (field.dataset.is === "figure") {
      const typed = {};
      for (const one of all(field, "[data-part]")) {
        const text = one.querySelector("input").value.trim();
        if (text && (hidden || !one.hidden)) typed[one.dataset.part] = text;
      }
      return Object.keys(typed).length ? typed : "";
    }
    if (field.dataset.is === "pairs") {
      const whole = field.querySelector("input");
      if (!whole.hidden) return whole.value.trim();
      const rows = all(field, ".own-row").map((row) => all(row, "input").map((input) => input.value.trim()));
      return rows.some((row) => row[0] || row[1]) ? rows.filter((row) => row[0] || row[1]) : "";
    }
    const input = inputs(field)[0], text = input.value.trim();
    return text === input.dataset.default ? "" : text;
  }
  function group(box, hidden) { // what the fields of a section or an item hold
    const typed = {};
    for (const field of fields(box)) {
      const entry = !field.hidden || hidden ? read(field, hidden) : "";
      if (entry !== "") typed[field.dataset.key] = entry;
    }
    return typed;
  }
  function collect(hidden) { // `hidden`: also what the rule chosen does not use, to be kept and not to be sent
    const typed = {};
    for (const box of all(form, "[data-section]")) {
      if (!("list" in box.dataset)) { typed[box.dataset.section] = group(box, hidden); continue; }
      const made = items(box).map((item) => group(item, hidden));
      // blocks at the end that nobody filled in are none; but for an outcome, without which there is no case
      while (!hidden && made.length > (box.dataset.section === "outcome") && !Object.keys(made.at(-1)).length) made.pop();
      typed[box.dataset.section] = made;
    }
    return typed;
  }

  function range(field, open) {
    const toggle = field.querySelector(".own-ranged"), figure = field.querySelector(".own-figure");
    for (const name of ["low", "high", "note"]) part(field, name).hidden = !open;
    figure.toggleAttribute("data-open", open);
    toggle.textContent = words[open ? "range_shut" : "range_open"];
    toggle.setAttribute("aria-expanded", String(open));
  }
  function row(field, entry) {
    const template = field.querySelector("template"), at = template.innerHTML.match(/ id="(own\.[^"]*)\.0\.0"/)[1];
    const number = 1 + Math.max(0, ...all(field, ".own-row").map((one) => Number(one.dataset.number || one.querySelector("input").id.split(".").at(-2))));
    const box = document.createElement("div");
    box.innerHTML = template.innerHTML.replaceAll(`${at}.0.`, `${at}.${number}.`).replace(/(aria-label="[^"]*)\b0\b/, `$1${number}`);
    const made = box.firstElementChild;
    all(made, "input").forEach((input, i) => { input.value = entry ? entry[i] : ""; });
    field.querySelector(".own-rows").append(made);
    return made;
  }
  function write(field, entry) {
    delete field.dataset.touched;
    if (field.dataset.is === "figure") {
      const typed = typeof entry === "object" ? entry : { value: entry || "" };
      for (const one of all(field, "[data-part]")) one.querySelector("input").value = typed[one.dataset.part] || "";
      range(field, Boolean(typed.low || typed.high || typed.note || "wide" in field.dataset));
    } else if (field.dataset.is === "pairs") {
      const whole = field.querySelector("input"), text = typeof entry === "string" ? entry : "";
      whole.value = text;
      whole.hidden = !text;
      field.querySelector(".own-rows").hidden = field.querySelector(".own-row-add").hidden = Boolean(text);
      field.querySelector(".own-rows").replaceChildren();
      for (const pair of Array.isArray(entry) && entry.length ? entry : [["", ""]]) row(field, pair);
    } else {
      const input = inputs(field)[0];
      input.value = entry || input.dataset.default || "";
    }
  }
  function add(box, entry) {
    const name = box.dataset.section, number = items(box).length + 1, made = document.createElement("div");
    made.innerHTML = box.querySelector(":scope > template").innerHTML.replaceAll(`own.${name}.0`, `own.${name}.${number}`);
    const item = made.firstElementChild;
    for (const one of all(item, ".own-number")) one.textContent = number;
    box.querySelector(".own-items").append(item);
    for (const field of fields(item)) write(field, entry[field.dataset.key]);
    rule(item);
    return item;
  }
  function list(box, entries) {
    box.querySelector(".own-items").replaceChildren();
    for (const entry of entries) add(box, entry);
  }
  function fill(typed) {
    for (const box of all(form, "[data-section]")) {
      const entry = typed[box.dataset.section];
      if ("list" in box.dataset) list(box, entry || []);
      else for (const field of fields(box)) write(field, (entry || {})[field.dataset.key]);
      const fold = box.closest("details.own-step");
      if (fold && entry && Object.keys(entry).length && !("list" in box.dataset && !entry.length)) fold.open = true;
    }
    clear();
    if (pressed) later();
  }
  function rule(item) { // the fields that the way to pay uses, and what it pays
    const chosen = item.querySelector('[data-key="schedule"] select');
    if (!chosen) return;
    const name = chosen.value.replace(" ", "-");
    for (const field of all(item, "[data-for]")) field.hidden = Boolean(name) && !field.dataset.for.split(" ").includes(name);
    item.querySelector(".own-says").textContent = chosen.selectedOptions[0].dataset.says || "";
  }

  // --- kept on this device

  function keep() { try { localStorage.setItem(KEY, JSON.stringify(collect(true))); } catch (e) { /* not kept, then */ } }
  function change(what, key, fields) { // of the whole form, which can be taken back
    before = collect(true);
    what();
    keep();
    button("undo").hidden = false;
    tell(key, fields);
    stale();
    later();
  }

  // --- what people type for a number or a month, where it is beyond doubt (sibmodels/casefile/plain.py)

  const WAYS = Object.fromEntries(Object.entries(ways.patterns).map(([name, pattern]) => [name, new RegExp(pattern)]));
  function plainNumber(text, money) {
    const share = text.match(WAYS.per_cent), code = document.getElementById("own.case.currency").value.trim();
    if (share && !money) return String(Number((share[1] / 100).toPrecision(12)));
    const minus = text.startsWith("-") ? "-" : "", rest = text.slice(minus.length).trim();
    const sign = money && code ? [code, ...(ways.signs[code] || "")].find((one) => rest.startsWith(one) || rest.endsWith(one)) : "";
    const bare = sign ? minus + (rest.startsWith(sign) ? rest.slice(sign.length) : rest.slice(0, -sign.length)).trim() : text;
    const grouped = bare.match(WAYS.grouped);
    if (grouped) return bare.replaceAll(grouped[1], "").replace(/^\+/, "");
    return NUMBER.test(bare) ? bare : text;
  }
  function plainMonth(text) {
    const [, year, which] = text.match(WAYS.year_first) || (([, a, b] = []) => [0, b, a])(text.match(WAYS.year_last) || []);
    const named = text.match(WAYS.named), name = named ? named[1].toLowerCase() : "";
    const number = named ? (name === "sept" ? 9 : 1 + ways.months.findIndex((one) => one.startsWith(name))) : Number(which);
    return number >= 1 && number <= 12 ? `${named ? named[2] : year}-${String(number).padStart(2, "0")}` : text;
  }
  function understood(field, input) { // what is shown in a field that was left
    const { kind, is } = field.dataset, text = input.value.trim(), row = input.closest(".own-row");
    if (!text || /^[[{]/.test(text) || input.closest('[data-part="note"]')) return text;
    if (kind === "month") return plainMonth(text);
    if (kind === "months") return text.split(/[,;]/).map((one) => plainMonth(one.trim())).join(", ");
    if (row) {
      const last = all(row, "input").at(-1) === input;
      return last || kind === "points" ? plainNumber(text, kind === "points" && last) : text;
    }
    return is === "figure" || ["whole", "number", "money", "share", "result"].includes(kind) ? plainNumber(text, kind === "money") : text;
  }

  // --- checks that need no Python: numbers, months, limits

  const NUMBER = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i, MONTH = /^\d{4}-(0[1-9]|1[0-2])(-\d\d)?$/;
  function month(value) {
    if (!MONTH.test(value)) return say("no_month", { value });
    return value < "1990" || value > "2099-99" ? say("far_month", { value, low: 1990, high: 2099 }) : "";
  }
  function number(value, about) {
    if (!NUMBER.test(value)) return say("text_for_number", { what: "", value, remedy: words.number });
    const n = Number(value), low = Number(about.low ?? -Infinity), high = Number(about.high ?? Infinity), above = Number(about.above ?? -Infinity);
    if (n < low || n > high || n <= above) {
      const bound = { low: about.above ?? about.low, high: about.high ?? "1e13" }, allowed = say("above" in about ? "above" : "at_least", bound);
      const cent = high === 1 && n > 1.05 && n <= 100;
      return say(cent ? "per_cent" : "outside", { what: "", value, share: n / 100, allowed });
    }
    return about.kind === "whole" && n % 1 ? say("not_whole", { what: "", value }) : "";
  }
  function simple(field) { // what is plainly wrong with a field; nothing where only the package can tell
    const { kind } = field.dataset;
    for (const input of inputs(field)) {
      const text = input.value.trim(), shut = input.hidden || input.closest("[data-part][hidden]");
      if (!text || shut || /^[[{]/.test(text) || input.closest('[data-part="note"]')) continue;
      let wrong = "";
      if (kind === "month") wrong = month(text);
      else if (kind === "months") wrong = text.split(/[,;\s]+/).filter(Boolean).map(month).find(Boolean);
      else if (field.dataset.is === "figure" || kind === "share") wrong = number(text, field.dataset);
      if (wrong) return { input, wrong };
    }
    return null;
  }
  function clear() {
    for (const box of all(form, ".own-error")) box.textContent = "";
    for (const input of all(form, "[aria-invalid]")) input.removeAttribute("aria-invalid");
    for (const field of all(form, "[data-missing]")) field.removeAttribute("data-missing");
    summary.hidden = button("next").hidden = true;
    ahead = [];
  }
  function label(field) {
    const item = field.closest(".own-item"), name = field.querySelector(".own-label, label"), own = name.firstChild.textContent.trim();
    if (!item) return own;
    const called = item.querySelector('[data-key="name"] input');
    return `${item.querySelector("legend").textContent}${called && called.value ? ` (${called.value})` : ""}, ${own.toLowerCase()}`;
  }
  function mark(field, input, text) {
    const box = field.querySelector(".own-error"), name = field.querySelector(".own-label, label").firstChild.textContent.trim();
    box.textContent = `${box.textContent ? `${box.textContent} ` : ""}${name}: ${text}.`;
    input.setAttribute("aria-invalid", "true");
  }
  function one(field) { // a field that was left: its plain faults at once
    if (started && !loading) return; // the package's own check is on its way
    field.querySelector(".own-error").textContent = "";
    for (const input of inputs(field)) input.removeAttribute("aria-invalid");
    const found = simple(field);
    if (found) mark(field, found.input, found.wrong);
  }

  // --- the package's own checks, beside the fields that they concern

  function place(at) {
    const parts = at.split(".");
    while (parts.length > 1) {
      const here = parts.join("."), found = document.getElementById(`${here}.0`) || document.getElementById(here);
      if (found) return found;
      parts.pop();
    }
    return null;
  }
  function show(problems) { // how many are to mend; what is still empty is no fault until the report is asked for
    clear();
    const listed = [], open = [];
    unsaid = false;
    for (const { at, what, remedy } of problems) {
      const found = place(at), field = found && found.closest(".own-field");
      const shut = (one) => one.hidden || one.closest("[hidden]");
      const input = field && shut(found) ? inputs(field).find((one) => !shut(one)) || found : found;
      const empty = field && !field.dataset.touched && !inputs(field).some((one) => one.value.trim());
      if (empty && !pressed) {
        field.dataset.missing = "true";
        open.push(input);
      } else if (field && field.contains(document.activeElement) && !field.contains(document.activeElement.closest("button"))) {
        unsaid = true; // still being typed: said when it is left
      } else {
        if (field) mark(field, input, `${what}; ${remedy}`);
        listed.push({ input, text: `${field ? label(field) : at.replace("own.", "")}: ${what}; ${remedy}` });
      }
    }
    const order = (a, b) => a.input && b.input && a.input.compareDocumentPosition(b.input) & Node.DOCUMENT_POSITION_PRECEDING ? 1 : -1;
    const wrong = listed.length ? say(listed.length === 1 ? "one_wrong" : "many_wrong", { count: listed.length }) : "";
    list_([...unread, ...listed.sort(order)], [unread.title, wrong].filter(Boolean).join(" "));
    const rest = open.length ? say(open.length === 1 ? "one_open" : "many_open", { count: open.length }) : "";
    put([unread.title, wrong, rest].filter(Boolean).join(" ") || (unsaid ? "" : words.right));
    ahead = [...listed.map(({ input }) => input), ...open].filter(Boolean);
    button("next").hidden = !ahead.length;
  }
  function list_(listed, title) { // a line each; one with a field leads there
    summary.querySelector("ul").replaceChildren(...listed.map(({ input, text }) => {
      const row = document.createElement("li"), link = document.createElement("a");
      if (!input) {
        row.textContent = text;
        return row;
      }
      link.textContent = text;
      link.href = `#${input.id}`;
      link.addEventListener("click", (event) => {
        event.preventDefault();
        go(input);
      });
      row.append(link);
      return row;
    }));
    summary.hidden = !listed.length;
    summary.firstElementChild.textContent = title;
  }
  function go(input) {
    for (let fold = input && input.closest("details:not([open])"); fold; fold = input.closest("details:not([open])")) fold.open = true;
    if (!input) return;
    input.focus({ preventScroll: true });
    input.scrollIntoView({ block: "center" });
  }

  // --- Python

  function able() { // whether Python can be had; if not, it is said
    const lack = live ? live.lacking() : words.missing_runtime;
    if (lack) tell("no_python", { said: lack });
    return !lack;
  }
  function ask(what, data) {
    if (!started) {
      started = loading = true;
      if (!working) tell("starts", { size: megabytes(live.bytes) });
    } else if (live.busy()) tell("busy");
    return live.form(what, data);
  }
  if (live) live.watch((news) => {
    if ("progress" in news && !news.fatal && (loading || working)) { // not what comes ahead of need
      progress.hidden = news.progress >= news.total;
      progress.lastElementChild.textContent = say(news.stored ? "stored" : "loads", { done: megabytes(news.progress), size: megabytes(news.total) });
      meter.max = news.total;
      meter.value = news.progress;
    }
    if (news.ready || news.answer) {
      loading = false;
      progress.hidden = true;
    }
    if (news.ended && started) {
      started = loading = false;
      progress.hidden = true;
      work(false);
      put(`${news.words || words.ended} ${words.again}`);
    }
  });
  async function check() {
    if (working || !able()) return;
    const mine = ++turn;
    const answer = await ask("check", collect()).catch(() => null);
    if (answer && mine === turn && !working) answer.failed ? put(answer.failed) : show(answer.problems);
  }
  function later() {
    clearTimeout(timer);
    timer = setTimeout(check, started ? 350 : 0);
  }
  function work(on) {
    working = on;
    button("report").setAttribute("aria-disabled", String(on));
    button("stop").hidden = !on;
  }
  async function answered(what, key) { // an answer that needs a case without problems; these are shown instead
    if (working || !able()) return null;
    pressed = true;
    turn++;
    work(true);
    tell(key);
    const answer = await ask(what, collect()).catch(() => null);
    work(false);
    if (!answer) return null; // Python ended, and that was said
    if (answer.failed) put(answer.failed);
    else if (answer.problems) {
      show(answer.problems);
      summary.focus();
    } else return answer;
    return null;
  }

  // --- the report

  async function picture(spec) {
    const box = document.createElement("div"), { view } = await window.vegaEmbed(box, spec, { actions: false, renderer: "svg", ast: true });
    const svg = await view.toSVG();
    view.finalize();
    return svg;
  }
  async function make() {
    const drawing = live && live.charts().catch(() => null), answer = await answered("report", "makes");
    if (!answer) return;
    await drawing;
    const drawn = [];
    for (const spec of answer.pictures) drawn.push(await picture(spec).catch(() => ""));
    report = answer.html.replace(/<svg class="marks (\w+)" data-picture="(\d+)"><\/svg>/g, (_, shape, n) =>
      drawn[n - 1].replace(/(\bid="|url\(#|href="#)/g, `$1picture-${n}-`).replace('class="marks"', `class="marks ${shape}"`));
    frame.srcdoc = report;
    section.hidden = false;
    stale(false);
    tell("made");
    document.getElementById("own-report-title").focus();
  }
  function stale(on = true) { section.querySelector(".own-stale").hidden = !on; }
  function dress() { // the report in the reader's colours, as high as it is
    const inside = frame.contentDocument;
    if (inside && inside.documentElement) inside.documentElement.style.colorScheme = getComputedStyle(root).colorScheme;
  }
  frame.addEventListener("load", () => {
    const inside = frame.contentDocument;
    dress();
    new ResizeObserver(() => { frame.style.height = `${inside.documentElement.scrollHeight + frame.offsetHeight - frame.clientHeight}px`; }).observe(inside.body);
    inside.addEventListener("click", (event) => { // its contents lead within it
      const link = event.target.closest('a[href^="#"]');
      if (!link) return;
      event.preventDefault();
      inside.getElementById(link.getAttribute("href").slice(1)).scrollIntoView();
    });
  });
  new MutationObserver(dress).observe(root, { attributes: true, attributeFilter: ["data-theme"] });

  // --- files

  function save(name, content, type) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([content], { type }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    tell("saved", { name });
  }
  function called(end) {
    const stem = document.getElementById("own.case.name").value.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-+|-+$/g, "");
    return `${stem.slice(0, 60) || "my-sib"}${end}`;
  }
  function base64(file) {
    return new Promise((done, failed) => {
      const reader = new FileReader();
      reader.onload = () => done(reader.result.split(",")[1] || "");
      reader.onerror = () => failed(reader.error);
      reader.readAsDataURL(file);
    });
  }
  async function open(file) {
    const wrong = (said) => tell("opened_wrong", { name: file.name, said });
    if (file.size > 5e6) return wrong(say("large", { size: megabytes(file.size) }));
    if (!able()) return;
    const answer = await ask("open", { name: file.name, base64: await base64(file) }).catch(() => null);
    if (!answer) return;
    const lines = (answer.lines || []).map((text) => ({ text })), name = file.name;
    if (!answer.typed && !lines.length) return wrong(answer.failed);
    if (answer.typed) {
      pressed = true;
      change(() => fill(answer.typed), lines.length ? "opened_partly" : "opened", { name });
    }
    if (!lines.length) return;
    unread = lines;
    unread.title = say(answer.typed ? "opened_partly" : "not_opened", { name });
    clear();
    list_(unread, unread.title);
    put(unread.title);
    go(summary);
  }

  const DO = {
    example: () => change(() => fill(example), "shown_example"),
    empty: () => change(() => { pressed = false; fill({ outcome: [{}], cost: [{}] }); }, "emptied"),
    open: () => document.getElementById("own-file").click(),
    undo: () => {
      fill(before);
      keep();
      button("undo").hidden = true;
      tell("undone");
      later();
      button("example").focus();
    },
    forget: () => {
      try { localStorage.removeItem(KEY); } catch (e) { /* nothing was kept */ }
      before = null;
      pressed = false;
      report = frame.srcdoc = "";
      section.hidden = button("undo").hidden = true;
      fill(example);
      tell("forgotten");
    },
    next: () => go(ahead[0]),
    report: make,
    stop: () => live.stop(),
    save_toml: async () => {
      if (!able()) return;
      const answer = await ask("toml", collect()).catch(() => null);
      if (answer && answer.text) save(called(".toml"), answer.text, "application/toml");
    },
    save_workbook: async () => {
      const answer = await answered("workbook", "makes_workbook");
      if (answer) save(called(".xlsx"), Uint8Array.from(atob(answer.base64), (sign) => sign.charCodeAt(0)), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet");
    },
    save_html: () => save(called("-report.html"), report, "text/html"),
    print: () => frame.contentWindow.print(),
    back: () => go(document.getElementById("own.case.name")),
  };
  function pressedOn(event) {
    const target = event.target.closest("button");
    if (!target) return;
    const field = target.closest(".own-field"), box = target.closest("[data-section]"), item = target.closest(".own-item");
    if (target.dataset.do) return DO[target.dataset.do]();
    if (target.matches(".own-ranged")) {
      const opened = target.getAttribute("aria-expanded") !== "true";
      range(field, opened);
      if (opened) part(field, "low").querySelector("input").focus();
    } else if (target.matches(".own-row-add")) row(field).querySelector("input").focus();
    else if (target.matches(".own-row-out")) {
      target.closest(".own-row").remove();
      if (!field.querySelector(".own-row")) row(field);
      field.querySelector(".own-row-add").focus();
    } else if (target.matches(".own-add")) go(add(box, {}).querySelector("input"));
    else if (target.matches(".own-remove")) {
      const name = item.querySelector("legend").textContent, left = items(box).filter((other) => other !== item).map((other) => group(other, true));
      change(() => list(box, left), "item_out", { name });
      box.querySelector(".own-add").focus();
      return;
    }
    entered();
  }
  function entered() {
    unread = [];
    keep();
    stale();
    later();
  }
  form.addEventListener("click", pressedOn);
  section.addEventListener("click", pressedOn);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("keydown", (event) => { if (event.key === "Enter" && event.target.matches("input")) event.preventDefault(); });
  form.addEventListener("input", (event) => {
    const field = event.target.closest(".own-field");
    if (!field) return;
    if (event.target.closest('[data-key="schedule"]')) rule(event.target.closest(".own-item"));
    entered();
  });
  form.addEventListener("change", (event) => { // a field that was left
    const field = event.target.closest(".own-field");
    if (event.target.id === "own-file") {
      if (event.target.files[0]) open(event.target.files[0]);
      event.target.value = "";
    }
    if (!field) return;
    if (event.target.matches("input")) {
      const read = understood(field, event.target);
      if (read !== event.target.value.trim()) {
        event.target.value = read;
        keep();
      }
    }
    field.dataset.touched = "true";
    one(field);
    later();
  });

  form.addEventListener("focusout", (event) => {
    const field = event.target.closest(".own-field");
    if (unsaid && field && !field.contains(event.relatedTarget)) later();
  });

  let kept = null;
  try { kept = JSON.parse(localStorage.getItem(KEY)); } catch (e) { /* no storage, or not ours */ }
  if (kept && typeof kept === "object") {
    fill(kept);
    tell("kept_from");
  } else {
    for (const item of all(form, ".own-item")) rule(item);
    tell("kept");
  }
})();
