// Replaces a figure's static picture with the live chart when it comes near the window.
(function () {
  "use strict";
  var bundle = document.currentScript.dataset.bundle, loading = null;
  function load() {
    loading = loading || new Promise(function (done, failed) {
      var script = document.createElement("script");
      script.src = bundle;
      script.onload = done;
      script.onerror = failed;
      document.head.appendChild(script);
    });
    return loading;
  }
  // Axis titles do not wrap by themselves, and a phone is narrow.
  function wrapTitles(node, width) {
    if (!node || typeof node !== "object") return;
    Object.keys(node).forEach(function (key) {
      var child = node[key];
      if (key === "x" && child && typeof child.title === "string") {
        child.title = child.title.match(new RegExp("(?:.{1," + Math.max(16, Math.floor(width / 9)) + "}|\\S+)(?:\\s|$)", "g"))
          .map(function (line) { return line.trim(); });
      }
      if (key !== "datasets") wrapTitles(child, width);
    });
  }
  function show(figure) {
    var view = figure.querySelector(".vega-view");
    var spec = JSON.parse(figure.querySelector('script[type="application/json"]').textContent);
    var live = document.createElement("div");
    wrapTitles(spec, view.clientWidth);
    if (view.clientWidth < 430) spec.config.legend.columns = 1;
    load().then(function () {
      live.className = "vega-live";
      live.style.width = view.clientWidth + "px"; // Vega measures its container before it is shown
      live.style.position = "absolute";
      live.style.visibility = "hidden";
      figure.appendChild(live);
      return window.vegaEmbed(live, spec, { actions: false, renderer: "svg" });
    }).then(function () {
      live.removeAttribute("style");
      view.replaceChildren(live);
      // a slider inside a picture could not be reached: the group keeps the text alternative
      if (live.querySelector("input, select")) view.setAttribute("role", "group");
      figure.dataset.ready = "true";
    }).catch(function () { // the static picture stays
      live.remove();
      figure.dataset.ready = "false";
    });
  }
  var near = new IntersectionObserver(function (entries) {
    entries.forEach(function (entry) {
      if (entry.isIntersecting) {
        near.unobserve(entry.target);
        show(entry.target);
      }
    });
  }, { rootMargin: "300px" });
  document.querySelectorAll(".vega-figure").forEach(function (figure) { near.observe(figure); });
})();
