// SIB or grant: how many more outcomes a SIB must bring, by two rules.
(function (casebookPlay) {
  "use strict";
  const word = globalThis.casebookWord;
  const { plain } = casebookPlay;
  function settle(terms) {
    const gain = terms.gain / 100;
    const later = 100 * (1 + gain) * ((1 + terms.discount / 100) ** -terms.lag - 1);
    const larger = terms.set_up + terms.gain + later;
    return { set_up: terms.set_up, gain: terms.gain, later, larger, same: larger / terms.worth };
  }
  function say(terms) {
    const found = settle(terms), given = { uplift: plain(terms.uplift), larger: plain(found.larger), same: plain(found.same) };
    const larger = terms.uplift >= found.larger - 1e-9, same = terms.uplift >= found.same - 1e-9;
    const which = larger && same ? "both" : same ? "same" : larger ? "larger" : "none";
    return [word(`play.grant_${which}`, given), word("play.grant_how", given)];
  }
  function rows(terms) {
    const heads = [word("play.grant_part"), word("play.grant_cost")];
    return [heads, ...Object.entries(settle(terms)).map(([name, value]) => [word(`play.grant_row_${name}`), plain(value)])];
  }
  function draw(terms, given, form, pencil) {
    const svg = form.querySelector(".play-picture"), shape = pencil(svg), found = settle(terms);
    const x = (share) => 12 + 3.3 * Math.min(100, Math.max(0, share)), hoped = x(terms.uplift);
    shape("path", { class: "play-put", d: `M${hoped} 16V152` });
    [["larger", found.larger], ["same", found.same]].forEach(([rule, need], i) => {
      const y = 44 + 62 * i;
      shape("text", { x: 12, y: y - 7 }, word(`play.grant_needed_${rule}`, { need: plain(need) }));
      shape("rect", { class: terms.uplift >= need - 1e-9 ? "play-enough" : "play-short", x: 12, width: Math.max(1, x(need) - 12), y, height: 22 });
    });
    const left = terms.uplift > 55;
    shape("text", { class: "play-sum", x: hoped + (left ? -5 : 5), y: 150, "text-anchor": left ? "end" : "start" }, word("play.grant_expected", { uplift: plain(terms.uplift) }));
    shape("path", { class: "play-axis", d: "M12 160H342" });
    shape("text", { x: 12, y: 177 }, "0");
    shape("text", { x: 177, y: 177, "text-anchor": "middle" }, word("play.grant_axis"));
    shape("text", { x: 342, y: 177, "text-anchor": "end" }, "100");
    svg.setAttribute("aria-label", word("play.grant_picture", { larger: plain(found.larger), same: plain(found.same), uplift: plain(terms.uplift) }));
    svg.removeAttribute("aria-hidden");
  }
  casebookPlay("grant", { settle, say, rows, draw });
})(globalThis.casebookPlay);
