// SIB or grant: how many more outcomes a SIB must bring, by two rules.
(function (casebookPlay) {
  "use strict";
  const { plain } = casebookPlay;
  function settle(terms) {
    const gain = terms.gain / 100;
    const later = 100 * (1 + gain) * ((1 + terms.discount / 100) ** -terms.lag - 1);
    const larger = terms.set_up + terms.gain + later;
    return { set_up: terms.set_up, gain: terms.gain, later, larger, same: larger / terms.worth };
  }
  function say(terms) {
    const found = settle(terms), more = `With ${plain(terms.uplift)}\u00a0% more outcomes the`;
    const larger = terms.uplift >= found.larger - 1e-9, same = terms.uplift >= found.same - 1e-9;
    const verdict = larger && same ? "SIB is worth its premium, by both rules."
      : same ? "SIB is worth its premium for the same people; a larger grant does more."
        : larger ? "SIB beats a larger grant; for the same people it is too dear." : "grant is better, by both rules.";
    return [
      `${more} ${verdict}`,
      `The SIB costs the payer ${plain(found.larger)}\u00a0% of the cost more than a grant. A larger grant would bring as many more ` +
        `outcomes, so the SIB must bring ${plain(found.larger)}\u00a0%; if no more people can be served, ${plain(found.same)}\u00a0% are worth the premium.`,
    ];
  }
  function rows(terms) {
    const found = settle(terms);
    return [
      ["Part", "% of the cost"],
      ["Setting up and running it", plain(found.set_up)],
      ["Investors’ return", plain(found.gain)],
      ["Paying later", plain(found.later)],
      ["Premium: break-even beside a larger grant", plain(found.larger)],
      ["Break-even for the same people", plain(found.same)],
    ];
  }
  function draw(terms, given, form, pencil) {
    const svg = form.querySelector(".play-picture"), shape = pencil(svg), found = settle(terms);
    const x = (share) => 12 + 3.3 * Math.min(100, Math.max(0, share)), hoped = x(terms.uplift);
    shape("path", { class: "play-put", d: `M${hoped} 16V152` });
    [["beside a larger grant", found.larger], ["for the same people", found.same]].forEach(([words, need], i) => {
      const y = 44 + 62 * i;
      shape("text", { x: 12, y: y - 7 }, `Needed ${words}: ${plain(need)} %`);
      shape("rect", { class: terms.uplift >= need - 1e-9 ? "play-enough" : "play-short", x: 12, width: Math.max(1, x(need) - 12), y, height: 22 });
    });
    const left = terms.uplift > 55;
    shape("text", { class: "play-sum", x: hoped + (left ? -5 : 5), y: 150, "text-anchor": left ? "end" : "start" }, `expected: ${plain(terms.uplift)} %`);
    shape("path", { class: "play-axis", d: "M12 160H342" });
    shape("text", { x: 12, y: 177 }, "0");
    shape("text", { x: 177, y: 177, "text-anchor": "middle" }, "more outcomes than a grant, %");
    shape("text", { x: 342, y: 177, "text-anchor": "end" }, "100");
    svg.setAttribute("aria-label", `Two bars: ${plain(found.larger)} % more outcomes are needed beside a larger grant, ${plain(found.same)} % for the same people. A line marks the ${plain(terms.uplift)} % expected.`);
    svg.removeAttribute("aria-hidden");
  }
  casebookPlay("grant", { settle, say, rows, draw });
})(globalThis.casebookPlay);
