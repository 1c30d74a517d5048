// One slide at a time: keys, a clicker, a swipe or the buttons turn them; a slide with a question shows it first.
// The address says which (#/5, and #/5/2 for its answer). Without this script all slides stand one below the other.
(function () {
  "use strict";
  var root = document.documentElement, at = 0, notes = null, from = null;
  var slides = [...document.querySelectorAll("main > section")];
  var stops = slides.flatMap(function (slide, place) {
    return slide.querySelector(".ask") ? [[place, true], [place, false]] : [[place, false]];
  });
  var keys = [
    ["→, Page Down, Space", "the next slide, or the answer"], ["←, Page Up", "back"], ["Home, End", "the first, the last"],
    ["n", "notes below the slide"], ["s", "notes in a window of their own"], ["b", "a black screen"], ["f", "the whole screen"], ["?", "these keys"],
  ];

  function element(name, about, within) {
    var made = Object.assign(document.createElement(name), about);
    if (within) within.append(made);
    return made;
  }

  var bar = element("nav", { id: "turn", ariaLabel: "Slides" }, document.body);
  function button(text, label, press, within) {
    element("button", { type: "button", textContent: text, ariaLabel: label, title: label, onclick: press }, within || bar);
  }
  button("‹", "Back", function () { go(at - 1); });
  var number = element("output", {}, bar);
  button("›", "Next", function () { go(at + 1); });
  button("?", "Keys, notes and printing", help);

  var dialog = element("dialog", { id: "help", ariaLabel: "Keys, notes and printing" }, document.body);
  var list = element("dl", {}, dialog);
  keys.forEach(function (key) { element("dt", { textContent: key[0] }, list); element("dd", { textContent: key[1] }, list); });
  button("Print", "Print", function () { print_with(false); }, dialog);
  dialog.append(" ");
  button("Print with notes", "Print with notes", function () { print_with(true); }, dialog);
  dialog.append(" ");
  button("Close", "Close", function () { dialog.close(); }, dialog);
  element("p", {}, dialog).append(document.querySelector("#contents a").cloneNode(true));

  function help() { if (dialog.open) dialog.close(); else dialog.showModal(); }
  function print_with(wanted) {
    var had = root.classList.contains("with-notes");
    dialog.close();
    root.classList.toggle("with-notes", wanted);
    print();
    root.classList.toggle("with-notes", had);
  }

  function go(to, quiet) {
    at = Math.max(0, Math.min(stops.length - 1, to));
    var place = stops[at][0], asking = stops[at][1];
    slides.forEach(function (slide, other) {
      slide.classList.toggle("now", other === place);
      slide.classList.toggle("asking", other === place && asking);
    });
    number.textContent = (place + 1) + " / " + slides.length;
    if (!quiet) history.replaceState(null, "", "#/" + (place + 1) + (asking || !slides[place].querySelector(".ask") ? "" : "/2"));
    scrollTo(0, 0);
    tell();
  }
  function read() {
    var said = location.hash.match(/^#\/(\d+)(\/2)?$/);
    var place = said ? Math.min(slides.length, Math.max(1, said[1])) - 1 : 0;
    var first = stops.findIndex(function (stop) { return stop[0] === place; });
    go(said && said[2] && stops[first][1] ? first + 1 : first, true);
  }

  // the speaker's window: written by this one, so that it needs no address of its own and no network
  function tell() {
    if (!notes || notes.closed) return;
    var slide = slides[stops[at][0]], after = stops[at + 1], body = notes.document.body;
    function words(stop, name) {
      var part = slides[stop[0]].querySelector(stop[1] ? ".ask" : "h1, h2");
      element("p", { className: name, textContent: part.textContent }, body);
    }
    body.replaceChildren();
    element("p", { textContent: number.textContent }, body);
    words(stops[at], "large");
    var said = slide.querySelector(".speaker");
    body.append(said ? notes.document.importNode(said, true) : "");
    if (after) { element("p", { textContent: "Next:" }, body); words(after, ""); }
  }
  function speaker() {
    notes = open("", "speaker", "width=700,height=600");
    // no window to be had: below the slide
    if (!notes) { root.classList.add("with-notes"); return; }
    notes.document.title = "Notes: " + document.title;
    notes.document.head.replaceChildren(element("style", { textContent: "body { font: 1.2rem/1.45 system-ui, sans-serif; margin: 1.5rem; max-width: 42em; color-scheme: light dark } .large { font-size: 1.4em; font-weight: 600 }" }));
    notes.onkeydown = pressed;
    tell();
  }

  function pressed(event) {
    if (event.altKey || event.ctrlKey || event.metaKey || dialog.open && event.key !== "?") return;
    var on = event.target.closest ? event.target : null, turns = event.key.startsWith("Page");
    if (on && on.closest("button, a") && [" ", "Enter"].includes(event.key)) return;
    // a wide table scrolls itself
    var box = on && on.closest(".scroll");
    if (box && box.scrollWidth > box.clientWidth && !turns) return;
    var steps = {
      ArrowRight: at + 1, PageDown: at + 1, " ": at + (event.shiftKey ? -1 : 1), Enter: at + 1,
      ArrowLeft: at - 1, PageUp: at - 1, Backspace: at - 1, Home: 0, End: stops.length - 1,
    };
    var does = {
      n: function () { root.classList.toggle("with-notes"); }, s: speaker, "?": help,
      b: function () { root.classList.toggle("blank"); }, ".": function () { root.classList.toggle("blank"); },
      f: function () { if (document.fullscreenElement) document.exitFullscreen(); else root.requestFullscreen(); },
    };
    if (event.key in steps) go(steps[event.key]);
    else if (event.key in does) does[event.key]();
    else return;
    event.preventDefault();
  }
  addEventListener("keydown", pressed);
  addEventListener("hashchange", read);
  addEventListener("touchstart", function (event) { from = event.touches.length === 1 ? event.touches[0] : null; }, { passive: true });
  addEventListener("touchend", function (event) {
    if (!from || event.target.closest(".scroll")) return;
    var x = event.changedTouches[0].clientX - from.clientX, y = event.changedTouches[0].clientY - from.clientY;
    if (Math.abs(x) > 50 && Math.abs(x) > 2 * Math.abs(y)) go(at + (x < 0 ? 1 : -1));
  }, { passive: true });
  root.classList.add("turns");
  read();
})();
