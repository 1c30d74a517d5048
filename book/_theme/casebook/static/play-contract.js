// A contract to play with: who pays what, in closed formulas.
(function (casebookPlay) {
  "use strict";
  const word = globalThis.casebookWord;
  const PUT_IN = 100, LEFT = 36, RIGHT = 352, TOP = 12, BOTTOM = 176;
  const { tenths, plain } = casebookPlay;

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
    const how = word(even === null ? "play.contract_never" : even ? "play.contract_breaks" : "play.contract_safe", { result: even });
    return [
      word(gain ? gain < 0 ? "play.contract_lose" : "play.contract_gain" : "play.contract_even", { bill, amount: Math.abs(gain) }),
      word(terms.share ? "play.contract_shared" : "play.contract_bill", { how, bill, fixed: terms.fixed, results, first, second }),
    ];
  }

  function rows(terms) {
    const line = (result) => {
      const { bill, first, second, gain } = settle({ ...terms, result });
      return [String(result), plain(bill), plain(first), plain(second), plain(gain)];
    };
    return [["result", "total", "first", "second", "investors"].map((head) => word(`play.contract_${head}`)), ...Array.from({ length: 11 }, (_, i) => line(10 * i))];
  }

  function draw(terms, given, form) {
    const part = (name) => form.querySelector(`.play-${name}`);
    function put(name, values) { for (const key in values) part(name).setAttribute(key, values[key]); }
    const { bill, gain } = settle(terms), { fixed } = terms;
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
    put("picture", { "aria-label": word("play.contract_picture", { low: paid(0), result: terms.result, bill, high: paid(100) }) });
  }

  casebookPlay("contract", { settle, say, rows, draw });
})(globalThis.casebookPlay);
