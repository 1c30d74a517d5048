// Figures to play with: sliders, the address, words and numbers. What follows from the terms, and the picture, is in each
// one's own play-NAME.js; plays/NAME.py has the same from sibmodels, and a test compares the two.
(function (scope) {
  "use strict";
  const word = globalThis.casebookWord;
  const plays = (scope.casebookPlays = {});
  const tenths = (value) => Math.floor(value * 10 + 0.5 + 1e-9) / 10 + 0;
  const plain = (value) => String(tenths(value));
  const slides = (control) => control.type === "range";
  const listed = (control) => control.tagName === "SELECT";
  const words = (control) => Number(control.value) + control.dataset.unit;

  function allowed(control, value) {
    if (listed(control)) return [...control.options].some((option) => option.value === value);
    return /^\d+(\.\d+)?$/.test(value) && +value >= control.min && +value <= control.max;
  }

  // a picture is drawn anew: a few dozen shapes at most
  function pencil(svg) {
    svg.replaceChildren();
    return function (tag, attributes, text) {
      const shape = document.createElementNS("http://www.w3.org/2000/svg", tag);
      for (const name in attributes) shape.setAttribute(name, attributes[name]);
      if (text !== undefined) shape.textContent = text;
      svg.append(shape);
    };
  }

  function start(form, name, play) {
    const controls = [...form.querySelectorAll("input, select")], note = form.querySelector(".play-note");
    const data = form.querySelector('script[type="application/json"]');
    const given = data ? JSON.parse(data.textContent) : null;
    const first = new Map(controls.map((control) => [control, control.value]));
    // the contract's address is older than the others': its terms stand there without its name
    const flat = name === "contract";

    function draw() {
      const terms = {};
      for (const control of controls) {
        terms[control.name] = listed(control) ? control.value : Number(control.value);
        if (!slides(control)) continue;
        control.setAttribute("aria-valuetext", words(control));
        control.parentNode.querySelector(".play-value").textContent = words(control);
      }
      const chosen = controls.filter(listed).map((control) => control.value);
      form.querySelectorAll("[data-rules]").forEach((row) => {
        row.hidden = !row.dataset.rules.split("|").some((rule) => chosen.includes(rule));
      });
      const [verdict, how] = play.say(terms, given);
      form.querySelector("output strong").textContent = verdict;
      form.querySelector("output span").textContent = how;
      play.rows(terms, given).forEach((row, line) => row.forEach((cell, at) => {
        form.querySelectorAll("tr")[line].cells[at].textContent = cell;
      }));
      play.draw(terms, given, form, pencil);
    }

    function read() {
      const bad = [], parts = location.hash.includes("=") ? [...new URLSearchParams(location.hash.slice(1))] : [];
      const mine = flat ? parts : parts.filter(([key]) => key === name)
        .flatMap(([, value]) => value.split(",").map((part) => part.split(":")));
      for (const [key, value = ""] of mine) {
        const control = controls.find((control) => control.name === key);
        if (control && allowed(control, value)) control.value = value;
        else bad.push(`${key}${flat ? "=" : ":"}${value}`.slice(0, 40));
      }
      note.textContent = bad.length ? word("play.left_out", { parts: bad.join(", ") }) : "";
      if (mine.length && !flat) form.scrollIntoView({ block: "start" });
    }
    function write() {
      const set = controls.filter((control) => !control.parentNode.hidden && control.value !== first.get(control));
      const own = set.map((control) => `${control.name}${flat ? "=" : ":"}${control.value}`).join(flat ? "&" : ",");
      const others = location.hash.slice(1).split("&").filter((part) => !flat && part.includes("=") && !part.startsWith(`${name}=`));
      const whole = [...others, ...(own ? [flat ? own : `${name}=${own}`] : [])].join("&");
      note.textContent = own ? word("play.kept") : "";
      try { history.replaceState(null, "", whole ? `#${whole}` : location.pathname + location.search); } catch (e) { /* as it was */ }
    }

    form.addEventListener("input", draw);
    form.addEventListener("change", write);
    form.addEventListener("click", (event) => {
      const next = event.target.dataset.next && controls.find((control) => control.name === event.target.dataset.next);
      if (!next) return;
      next.value = Number(next.value) < Number(next.max) ? Number(next.value) + 1 : next.min;
      draw();
      write();
    });
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("reset", () => setTimeout(() => {
      first.forEach((value, control) => { control.value = value; }); // what is hidden is not reset by the browser
      draw();
      write();
    }));
    addEventListener("hashchange", () => { read(); draw(); });
    form.querySelectorAll("fieldset").forEach((set) => { set.disabled = false; });
    read();
    draw();
  }

  scope.casebookPlay = function (name, play) {
    plays[name] = play;
    document.querySelectorAll(`form.play[data-play="${name}"]`).forEach((form) => start(form, name, play));
  };
  Object.assign(scope.casebookPlay, { tenths, plain });
})(globalThis);
