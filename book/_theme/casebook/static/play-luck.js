// A luck machine: what a number of people earns by all or nothing, and in proportion, when draws differ.
(function (casebookPlay) {
  "use strict";
  const word = globalThis.casebookWord;
  const { plain } = casebookPlay, MOST = 100;
  const RULES = {
    "all or nothing": (share, target) => (share >= target ? MOST : 0),
    "in proportion": (share, target) => MOST * Math.min(1, share / target),
  };
  function uniform(seed, count) { // mulberry32
    const drawn = [];
    let state = Math.imul(seed, 2654435761) >>> 0;
    for (let i = 0; i < count; i++) {
      state = (state + 0x6D2B79F5) >>> 0;
      let mixed = Math.imul(state ^ (state >>> 15), state | 1);
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
      drawn.push(((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296);
    }
    return drawn;
  }
  const lucky = (terms) => uniform(terms.draw, terms.people).map((number) => number * 100 < terms.chance);
  const reached = (terms) => lucky(terms).filter(Boolean).length;
  function often(people, chance) { // binomial, from the middle outwards in logarithms
    if (chance === 0 || chance === 1) return Array.from({ length: people + 1 }, (_, k) => +(k === people * chance));
    const odds = Math.log(chance) - Math.log1p(-chance), logs = [people * Math.log1p(-chance)];
    for (let k = 1; k <= people; k++) logs.push(logs[k - 1] + Math.log((people - k + 1) / k) + odds);
    return logs.map(Math.exp);
  }
  function settle(terms) {
    const { people } = terms, share = often(people, terms.chance / 100), found = {};
    for (const name in RULES) {
      const paid = share.map((_, k) => RULES[name](k / people, terms.target / 100));
      const sum = (value) => share.reduce((total, weight, k) => total + weight * value(paid[k]), 0);
      const mean = sum((pay) => pay);
      found[name] = {
        now: paid[reached(terms)],
        mean,
        spread: Math.sqrt(Math.max(0, sum((pay) => (pay - mean) ** 2))),
        nothing: 100 * sum((pay) => +(pay <= 1e-9)),
        all: 100 * sum((pay) => +(pay >= MOST - 1e-9)),
      };
    }
    return found;
  }
  function say(terms) {
    const found = settle(terms), cliff = found["all or nothing"], slope = found["in proportion"];
    const given = {};
    for (const [rule, sums] of [["cliff", cliff], ["slope", slope]]) for (const name in sums) given[`${rule}_${name}`] = plain(sums[name]);
    return [
      word("play.luck_verdict", { count: reached(terms), people: terms.people, cliff: plain(cliff.now), slope: plain(slope.now) }),
      word("play.luck_how", given),
    ];
  }
  function rows(terms) {
    const found = settle(terms), rules = Object.keys(RULES);
    return [
      [word("play.luck_head"), ...rules.map((rule) => word(`play.luck_head_${rule}`))],
      ...["now", "mean", "spread", "nothing", "all"].map((name) => [word(`play.luck_${name}`), ...rules.map((rule) => plain(found[rule][name]))]),
    ];
  }
  function draw(terms, given, form, pencil) {
    const svg = form.querySelector(".play-picture"), shape = pencil(svg), won = lucky(terms), found = settle(terms);
    const across = Math.ceil(Math.sqrt(terms.people * 1.1)), step = 186 / across;
    won.sort((one, other) => other - one).forEach((success, i) => shape("circle", {
      class: success ? "play-yes" : "play-no", r: step * 0.36,
      cx: 8 + step * (0.5 + (i % across)), cy: 8 + step * (0.5 + Math.floor(i / across)),
    }));
    Object.keys(RULES).forEach((rule, i) => {
      const x = 226 + 72 * i, y = (pay) => 172 - 1.5 * pay, { now, mean } = found[rule];
      shape("rect", { class: "play-results", x, width: 44, y: y(now), height: 172 - y(now) });
      shape("path", { class: "play-put", d: `M${x - 6} ${y(mean)}h56` });
      shape("text", { class: "play-sum", x: x + 22, y: Math.max(14, y(now) - 5), "text-anchor": "middle" }, plain(now));
      shape("text", { x: x + 22, y: 188, "text-anchor": "middle" }, word(`play.luck_${rule}`));
    });
    shape("path", { class: "play-axis", d: "M212 172H352" });
    svg.setAttribute("aria-label", word("play.luck_picture", { won: won.filter(Boolean).length, people: won.length }));
    svg.removeAttribute("aria-hidden");
  }
  casebookPlay("luck", { settle, say, rows, draw });
})(globalThis.casebookPlay);
