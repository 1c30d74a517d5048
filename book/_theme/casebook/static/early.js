// Before the first paint: the reader's colours, and fonts asked for early.
(function () {
  "use strict";
  var here = document.currentScript;
  try { document.documentElement.dataset.theme = localStorage.getItem("theme") || "auto"; } catch (e) { /* no storage, no choice */ }
  if (location.protocol === "file:") return; // a browser lends no font to a page that was opened from a folder
  here.dataset.fonts.split(" ").forEach(function (name) {
    var link = document.createElement("link");
    Object.assign(link, { rel: "preload", as: "font", type: "font/woff2", crossOrigin: "", href: new URL("fonts/" + name + ".woff2", here.src).href });
    document.head.appendChild(link);
  });
})();
