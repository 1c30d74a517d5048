// Who gets picked: a crowd before a door with few places, and three ways to pay the one who opens it.
(function (casebookPlay) {
  "use strict";
  const word = globalThis.casebookWord;
  const { plain } = casebookPlay;
  const RULES = ["per success", "per impact", "rate card in bands"];
  function picked(rule, terms, given) { // the best paid first; of equals the first
    const gain = given.gain[terms.who], pay = given.chance.map((chance, i) => ({
      "per success": chance + gain[i],
      "per impact": gain[i],
      "rate card in bands": (chance + gain[i]) * (chance < given.cut ? terms.price : 1),
    }[rule]));
    return pay.map((_, i) => i).sort((one, other) => pay[other] - pay[one]).slice(0, terms.places);
  }
  function settle(terms, given) {
    const gain = given.gain[terms.who], sum = (values, who) => who.reduce((total, i) => total + values[i], 0), found = {};
    for (const rule of RULES) {
      const who = picked(rule, terms, given);
      found[rule] = { impact: sum(gain, who), deadweight: sum(given.chance, who) };
    }
    const all = gain.map((_, i) => i), share = terms.places / all.length;
    found["by lot"] = { impact: sum(gain, all) * share, deadweight: sum(given.chance, all) * share };
    return found;
  }
  function say(terms, given) {
    const found = settle(terms, given), { impact, deadweight } = found[terms.rule];
    return [
      word("play.picked_verdict", { places: terms.places, people: given.chance.length, successes: plain(impact + deadweight), caused: plain(impact) }),
      word("play.picked_how", { anyway: plain(deadweight), lot: plain(found["by lot"].impact), best: plain(found["per impact"].impact) }),
    ];
  }
  function rows(terms, given) {
    return [["paid", "successes", "caused", "anyway"].map((head) => word(`play.picked_${head}`)), ...Object.entries(settle(terms, given)).map(([rule, { impact, deadweight }]) =>
      [word(`play.picked_row_${rule}`), plain(impact + deadweight), plain(impact), plain(deadweight)])];
  }
  function draw(terms, given, form, pencil) {
    const svg = form.querySelector(".play-picture"), shape = pencil(svg), who = new Set(picked(terms.rule, terms, given));
    const gain = given.gain[terms.who], most = Math.max(...Object.values(given.gain).flat());
    const x = (chance) => 30 + 318 * chance, y = (more) => 168 - 150 * more / most;
    if (terms.rule === "rate card in bands") {
      shape("path", { class: "play-put", d: `M${x(given.cut)} 14V168` });
      shape("text", { x: x(given.cut) - 4, y: 24, "text-anchor": "end" }, word("play.picked_hard"));
    }
    given.chance.forEach((chance, i) => shape("circle", { class: who.has(i) ? "play-yes" : "play-no", r: 5, cx: x(chance), cy: y(gain[i]) }));
    shape("path", { class: "play-axis", d: "M30 176H352" });
    shape("text", { x: 30, y: 191 }, "0\u00a0%");
    shape("text", { x: 190, y: 191, "text-anchor": "middle" }, word("play.picked_axis"));
    shape("text", { x: 352, y: 191, "text-anchor": "end" }, "100\u00a0%");
    shape("text", { x: 12, y: 96, "text-anchor": "middle", transform: "rotate(-90 12 96)" }, word("play.picked_adds"));
    const easy = [...who].filter((i) => given.chance[i] >= given.cut).length;
    svg.setAttribute("aria-label", word("play.picked_picture", { people: given.chance.length, picked: who.size, easy, cut: plain(100 * given.cut) }));
    svg.removeAttribute("aria-hidden");
  }
  casebookPlay("picked", { settle, say, rows, draw });
})(globalThis.casebookPlay);
