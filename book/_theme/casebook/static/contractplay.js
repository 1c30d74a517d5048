// The contract to play with, in closed formulas; contractplay.py has the same from sibmodels, and a test compares.
(function (scope) {
  "use strict";
  const PUT_IN = 100, LEFT = 36, RIGHT = 352, TOP = 12, BOTTOM = 176;
  function tenths(value) { return Math.floor(value * 10 + 0.5 + 1e-9) / 10; }

  // what results earn: a line's corners, and its height at a result
  function corners(terms) {
    const t = terms.target, m = terms.most, full = m / terms.price;
    return {
      proportional: [[0, 0], [t, m]],
      floor: [[0, 0], [t / 2, 0], [t / 2, m / 2], [t, m]],
      steps: [[0, 0], [t / 2, 0], [t / 2, m / 2], [t, m / 2], [t, m]],
      threshold: [[0, 0], [t, 0], [t, m]],
      price: full < 100 ? [[0, 0], [full, m]] : [[0, 0], [100, 100 * terms.price]],
    }[terms.rule];
  }
  function earned(terms, result) {
    const points = corners(terms);
    let i = points.length - 1;
    while (points[i][0] > result + 1e-9) i--;
    const from = points[i], to = points[i + 1];
    return to && to[0] > from[0] ? from[1] + (to[1] - from[1]) * (result - from[0]) / (to[0] - from[0]) : from[1];
  }
  function settle(terms) {
    const results = tenths(earned(terms, terms.result)), bill = tenths(terms.fixed + results);
    const second = tenths(bill * terms.share / 100);
    let even = null;
    for (let r = 100; r >= 0 && terms.fixed + earned(terms, r) >= PUT_IN - 1e-9; r--) even = r;
    return { bill, results, first: tenths(bill - second), second, gain: tenths(bill - PUT_IN), even };
  }
  function say(terms) {
    const { bill, results, first, second, gain, even } = settle(terms);
    let how = even === null ? "No result would pay them back." : even ? `They break even at a result of ${even}\u00a0%.` : "They bear no risk.";
    how += ` The bill is ${bill}: ${terms.fixed} in any case and ${results} for results`;
    if (terms.share) how += `; the first payer bears ${first} of it, the second ${second}`;
    const end = gain ? `, get back ${bill}, ${gain < 0 ? "lose" : "gain"} ${Math.abs(gain)}.` : " and get back 100.";
    return [`Investors put in 100${end}`, `${how}.`];
  }
  scope.contractPlay = { settle, say }; // for the test

  const form = scope.document && document.querySelector("form.play");
  if (!form) return;
  const controls = [...form.querySelectorAll("input, select")], part = (name) => form.querySelector(`.play-${name}`);
  const slides = (control) => control.type === "range", note = part("note");
  function put(name, values) { for (const key in values) part(name).setAttribute(key, values[key]); }

  function draw() {
    const terms = {};
    for (const control of controls) {
      terms[control.name] = slides(control) ? Number(control.value) : control.value;
      if (!slides(control)) continue;
      const words = Number(control.value) + control.dataset.unit;
      control.setAttribute("aria-valuetext", words);
      control.parentNode.querySelector(".play-value").textContent = words;
    }
    form.querySelectorAll("[data-rules]").forEach((row) => { row.hidden = !row.dataset.rules.split(" ").includes(terms.rule); });
    const [verdict, how] = say(terms), { bill, gain } = settle(terms), { fixed } = terms;
    form.querySelector("output strong").textContent = verdict;
    form.querySelector("output span").textContent = how;
    const top = fixed + terms.most <= 120 ? 125 : 275, points = corners(terms);
    const x = (result) => LEFT + (RIGHT - LEFT) * result / 100, y = (money) => BOTTOM - (BOTTOM - TOP) * money / top;
    const line = [...points, [100, points[points.length - 1][1]]].map(([at, pay]) => `${x(at).toFixed(1)},${y(fixed + pay).toFixed(1)}`).join(" ");
    const here = x(terms.result), base = y(fixed), paid = (result) => tenths(fixed + earned(terms, result));
    put("fixed", { y: base, height: BOTTOM - base });
    put("results", { points: `${LEFT},${base} ${line} ${RIGHT},${base}` });
    put("bill", { points: line });
    put("put", { d: `M${LEFT} ${y(PUT_IN)}H${RIGHT}` });
    put("put-said", { y: y(PUT_IN) - 5 });
    put("side", { d: `M${here} ${y(bill)}V${y(PUT_IN)}`, class: `play-side play-${gain > 0 ? "gain" : "loss"}` });
    put("here", { d: `M${here} ${BOTTOM}V${y(bill)}` });
    put("dot", { cx: here, cy: y(bill) });
    const left = terms.result < 80;
    put("sum", { x: here + (left ? 8 : -8), y: y(bill) + 14, "text-anchor": left ? "start" : "end" });
    part("sum").textContent = bill;
    put("results-said", { y: base - 6 });
    put("fixed-said", { visibility: fixed < 25 ? "hidden" : "visible" });
    put("picture", { "aria-label": `The bill at 0\u00a0% is ${paid(0)}, at ${terms.result}\u00a0% it is ${bill}, at 100\u00a0% ${paid(100)}.` });
  }

  // terms in the address; what is not understood there is said and left out
  function allowed(control, value) {
    if (!slides(control)) return [...control.options].some((option) => option.value === value);
    return /^\d+(\.\d+)?$/.test(value) && +value >= control.min && +value <= control.max;
  }
  function read() {
    if (!location.hash.includes("=")) return;
    const bad = [];
    new URLSearchParams(location.hash.slice(1)).forEach((value, name) => {
      const control = controls.find((control) => control.name === name);
      if (control && allowed(control, value)) control.value = value;
      else bad.push(`${name}=${value}`.slice(0, 40));
    });
    note.textContent = bad.length ? `Left out, as not understood: ${bad.join(", ")}.` : "";
  }
  function write() {
    const first = (control) => slides(control) ? control.defaultValue : control.querySelector("[selected]").value;
    const set = controls.filter((control) => !control.parentNode.hidden && control.value !== first(control));
    const words = set.map((control) => `${control.name}=${control.value}`).join("&");
    note.textContent = words ? "The page’s address now holds these terms." : "";
    try { history.replaceState(null, "", words ? `#${words}` : location.pathname + location.search); } catch (e) { /* as it was */ }
  }
  form.addEventListener("input", draw);
  form.addEventListener("change", write);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(() => { draw(); write(); }));
  addEventListener("hashchange", () => { read(); draw(); });
  form.querySelectorAll("fieldset").forEach((set) => { set.disabled = false; });
  read();
  draw();
})(globalThis);
