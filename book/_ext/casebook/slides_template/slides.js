// Arrow keys, Page keys, Home and End turn slides. Without this script the page scrolls as any other.
(function () {
  "use strict";
  var slides = [...document.querySelectorAll("main > section")];
  function here() {
    var at = slides.findIndex(function (slide) { return slide.getBoundingClientRect().bottom > innerHeight / 2; });
    return at < 0 ? slides.length - 1 : at;
  }
  addEventListener("keydown", function (event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    // a wide table scrolls itself
    if (event.target.closest(".scroll") && !event.key.startsWith("Page")) return;
    var to = { ArrowRight: here() + 1, PageDown: here() + 1, ArrowLeft: here() - 1, PageUp: here() - 1, Home: 0, End: slides.length - 1 }[event.key];
    if (to === undefined || !slides[to]) return;
    event.preventDefault();
    slides[to].scrollIntoView();
  });
})();
