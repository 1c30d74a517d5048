// One switch for the code of the whole book, remembered; each fold opens by itself without this script too.
(function () {
  "use strict";
  var button = document.getElementById("show-code"), folds = document.querySelectorAll("details.folded");
  function show(on) {
    folds.forEach(function (fold) { fold.open = on; });
    button.setAttribute("aria-pressed", String(on));
  }
  try { if (localStorage.getItem("code") === "shown") show(true); } catch (e) { /* no storage: folded at first */ }
  button.addEventListener("click", function () {
    var on = button.getAttribute("aria-pressed") !== "true", top = button.getBoundingClientRect().top;
    show(on);
    scrollBy(0, button.getBoundingClientRect().top - top);
    try { on ? localStorage.setItem("code", "shown") : localStorage.removeItem("code"); } catch (e) { /* not kept, then */ }
  });
})();
