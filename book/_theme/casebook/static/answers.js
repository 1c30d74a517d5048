// One click opens the book's scores on the whole page below it; without this script each fold opens by itself.
(function () {
  "use strict";
  var folds = [].slice.call(document.querySelectorAll("details.answers"));
  folds.forEach(function (fold, place) {
    fold.firstElementChild.addEventListener("click", function () {
      if (!fold.open) folds.slice(place + 1).forEach(function (later) { later.open = true; });
    });
  });
  // who follows a link into a fold has asked for what is there
  function reveal() {
    var target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    var fold = target && target.closest("details.answers:not([open])");
    if (fold) { fold.open = true; target.scrollIntoView(); }
  }
  addEventListener("hashchange", reveal);
  reveal();
})();
