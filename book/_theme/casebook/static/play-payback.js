// Did Kobe pay back: dialysis avoided, year by year, beside what the city paid.
(function (casebookPlay) {
  "use strict";
  const word = globalThis.casebookWord;
  const { plain } = casebookPlay, YEARS = 30, SHOWN = [5, 10, 20, 30], LATE = { micro: "macro", macro: "raised", raised: "dialysis" };
  function step(people, effect, given) {
    const next = { ...people };
    for (const state in given.deaths) {
      const moved = LATE[state] ? people[state] * given.steps[state] * (1 - effect) : 0;
      next[state] -= people[state] * given.deaths[state] + moved;
      if (LATE[state]) next[LATE[state]] += moved;
    }
    return next;
  }
  function bill(effect, lasting, stage, given) { // the mean of each year's start and end, discounted
    const share = stage === "mix" ? given.mix : { [stage]: 1 }, found = [];
    let people = {};
    for (const state in given.deaths) people[state] = given.served * (share[state] || 0);
    for (let year = 0; year < YEARS; year++) {
      const next = step(people, year < lasting ? effect : 0, given);
      found.push(given.dialysis * (people.dialysis + next.dialysis) / 2 / (1 + given.discount) ** year);
      people = next;
    }
    return found;
  }
  function settle(terms, given) {
    const treated = bill(terms.effect / 100, terms.lasting, terms.stage, given), sums = [];
    let total = 0, inside = 0;
    bill(0, 1, terms.stage, given).forEach((cost, year) => {
      total += cost - treated[year];
      inside += (cost - treated[year]) * Math.min(1, Math.max(0, given.contract - year));
      sums.push(total);
    });
    return { "so far": sums, inside };
  }
  function say(terms, given) {
    const { "so far": all, inside } = settle(terms, given), saved = all.slice(0, terms.horizon);
    const back = saved.findIndex((sum) => sum >= given.paid - 1e-9) + 1, last = plain(saved[saved.length - 1]);
    const fields = { back, years: years(terms.horizon), saved: last, paid: plain(given.paid) };
    return [word(back ? "play.payback_back" : "play.payback_never", fields), word("play.payback_how", { inside: plain(inside) })];
  }
  const years = (count) => globalThis.casebookCounted("play.payback_years", count);
  function rows(terms, given) {
    const found = settle(terms, given), line = (words, value) => [words, plain(value), plain(100 * value / given.paid)];
    return [
      ["within", "saved", "share"].map((head) => word(`play.payback_${head}`)),
      line(word("play.payback_contract"), found.inside),
      ...SHOWN.map((year) => line(years(year), found["so far"][year - 1])),
    ];
  }
  function draw(terms, given, form, pencil) {
    const svg = form.querySelector(".play-picture"), shape = pencil(svg), found = settle(terms, given)["so far"];
    const top = [40, 80, 160, 320, 640].find((high) => high >= Math.max(given.paid, ...found) * 1.03);
    const x = (year) => 34 + 10.6 * year, y = (money) => 172 - 156 * money / top;
    const line = [0, ...found].map((sum, year) => `${x(year).toFixed(1)},${y(sum).toFixed(1)}`);
    shape("rect", { class: "play-fixed", x: 34, y: 16, width: x(given.contract) - 34, height: 156 });
    shape("polyline", { class: "play-rest", points: line.join(" ") });
    shape("polyline", { class: "play-bill", points: line.slice(0, terms.horizon + 1).join(" ") });
    shape("path", { class: "play-put", d: `M34 ${y(given.paid)}H352` });
    shape("text", { x: 350, y: y(given.paid) - 5, "text-anchor": "end" }, word("play.payback_paid", { paid: plain(given.paid) }));
    shape("circle", { class: "play-dot", r: 4, cx: x(terms.horizon), cy: y(found[terms.horizon - 1]) });
    shape("path", { class: "play-axis", d: "M34 172H352" });
    shape("text", { x: 34, y: 188 }, "0");
    shape("text", { x: 193, y: 188, "text-anchor": "middle" }, word("play.payback_axis"));
    shape("text", { x: 352, y: 188, "text-anchor": "end" }, "30");
    shape("text", { x: 30, y: 24, "text-anchor": "end" }, top);
    svg.setAttribute("aria-label", word("play.payback_picture", { most: plain(found[YEARS - 1]), paid: plain(given.paid) }));
    svg.removeAttribute("aria-hidden");
  }
  casebookPlay("payback", { settle, say, rows, draw });
})(globalThis.casebookPlay);
