// The page that was probably meant: the one whose name shares most with the last word of the address.
(function () {
  "use strict";
  var place = document.getElementById("nearest"), asked = location.pathname.replace(/\.html?$|\/$/, "").split("/").pop().toLowerCase();
  function pairs(word) { return Array.from({ length: Math.max(0, word.length - 1) }, function (_, i) { return word.slice(i, i + 2); }); }
  function alike(a, b) {
    var left = pairs(a), right = pairs(b), both = left.filter(function (pair) { return right.indexOf(pair) >= 0; }).length;
    return 2 * both / (left.length + right.length || 1);
  }
  var best = null, most = 0.6;
  document.querySelectorAll("#contents a").forEach(function (link) {
    var value = alike(asked, link.pathname.split("/").pop().replace(".html", ""));
    if (value > most) { most = value; best = link; }
  });
  if (!best) return;
  var link = document.createElement("a");
  link.href = best.href;
  link.textContent = best.textContent;
  const parts = window.casebookWord("notfound.nearest", { page: "\0" }).split("\0");
  place.append(parts[0], link, parts[1]);
})();
