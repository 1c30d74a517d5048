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
  // Titles and labels do not wrap by themselves, and a phone is narrow.
  function narrow(node, width) {
    if (!node || typeof node !== "object") return;
    Object.keys(node).forEach(function (key) {
      var child = node[key];
      if (key === "x" && child && typeof child.title === "string") {
        var line = new RegExp("(?:.{1," + Math.max(14, Math.floor(width / 13)) + "}|\\S+)(?:\\s|$)", "g");
        child.title = child.title.match(line).map(function (text) { return text.trim(); });
      }
      if (key === "y" && child && child.type === "nominal" && child.axis !== null) {
        var words = "replace(datum.label, regexp('(.{1,15})( |$)', 'g'), '$1|')";
        child.axis = Object.assign({}, child.axis, { labelExpr: "slice(split(" + words + ", '|'), 0, -1)" });
      }
      if (key !== "datasets") narrow(child, width);
    });
  }
  function show(figure) {
    var view = figure.querySelector(".vega-view");
    var spec = JSON.parse(figure.querySelector('script[type="application/json"]').textContent);
    var live = document.createElement("div");
    var width = view.clientWidth; // measured here: Vega would measure a container that is not shown yet
    spec.width = width;
    if (width < 500) {
      narrow(spec, width);
      spec.config.legend.columns = 1;
    }
    load().then(function () {
      return window.vegaEmbed(live, spec, { actions: false, renderer: "svg" });
    }).then(function (result) {
      live.className = "vega-live";
      view.replaceChildren(live);
      // a slider inside a picture could not be reached: the group keeps the text alternative
      if (live.querySelector("input, select")) view.setAttribute("role", "group");
      figure.dataset.ready = "true";
      new ResizeObserver(function () {
        if (Math.abs(view.clientWidth - width) < 2) return;
        width = view.clientWidth;
        result.view.width(width).resize().runAsync();
      }).observe(view);
    }).catch(function () { // the static picture stays
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
