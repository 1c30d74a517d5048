// Small comforts. Without this script every page still reads, opens and prints.
(function () {
  "use strict";
  var word = window.casebookWord;
  // light, dark, or as the system has it
  var root = document.documentElement, button = document.getElementById("theme");
  var order = ["auto", "light", "dark"];
  function now() { return order.includes(root.dataset.theme) ? root.dataset.theme : "auto"; }
  function say() { document.getElementById("theme-now").textContent = word("casebook." + now()); }
  button.hidden = false;
  say();
  button.addEventListener("click", function () {
    root.dataset.theme = order[(order.indexOf(now()) + 1) % order.length];
    try { localStorage.setItem("theme", root.dataset.theme); } catch (e) { /* not kept, then */ }
    say();
  });

  // the same place in another language, with what the address says of settings
  document.querySelectorAll(".tongue[data-twin]").forEach(function (way) {
    var plain = way.getAttribute("href");
    function keep() { way.href = plain + location.search + location.hash; }
    ["pointerenter", "focus", "click"].forEach(function (reach) { way.addEventListener(reach, keep); });
  });

  // code and references can be copied
  document.querySelectorAll("article .highlight pre, .take .highlight pre").forEach(function (pre) {
    if (!navigator.clipboard) return;
    var copy = document.createElement("button");
    copy.type = "button";
    copy.className = "copy";
    copy.textContent = word("casebook.copy");
    copy.addEventListener("click", function () {
      navigator.clipboard.writeText(pre.textContent.trimEnd() + "\n").then(function () {
        copy.textContent = word("casebook.copied");
        setTimeout(function () { copy.textContent = word("casebook.copy"); }, 2000);
      });
    });
    pre.parentNode.appendChild(copy);
  });

  // what scrolls sideways can be reached by keyboard, and nothing else costs a Tab
  function reach() {
    var boxes = document.querySelectorAll(".scroll, .output, .highlight pre, .vega-view"); // a live cell makes new ones
    var wide = [].map.call(boxes, function (box) { // all read, then all written: one layout
      return box.scrollWidth > box.clientWidth + 1 || box.scrollHeight > box.clientHeight + 1;
    });
    boxes.forEach(function (box, i) {
      if (wide[i] !== box.hasAttribute("tabindex")) wide[i] ? box.tabIndex = 0 : box.removeAttribute("tabindex");
    });
  }
  new ResizeObserver(reach).observe(document.body);
  document.addEventListener("toggle", reach, true);

  // paper cannot unfold a solution
  var folded = [];
  addEventListener("beforeprint", function () {
    folded = [].slice.call(document.querySelectorAll("details.solution:not([open]), details.findings:not([open]), details.caveat:not([open])"));
    folded.forEach(function (details) { details.open = true; });
  });
  addEventListener("afterprint", function () {
    folded.forEach(function (details) { details.open = false; });
  });

  // a choice in the contents closes them
  document.querySelectorAll("nav[popover]").forEach(function (nav) {
    nav.addEventListener("click", function (event) {
      if (event.target.closest("a") && nav.matches(":popover-open")) nav.hidePopover();
    });
  });
})();
