// A figure's picture becomes a live chart when a reader reaches for it: at once where it has sliders, else on touch.
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
  // a slider says its value as the text writes it, to the eye, to a screen reader, and on paper
  function follow(input, readings, printed) {
    var raw = input.nextElementSibling, said = document.createElement("span");
    var name = input.parentElement.querySelector(".vega-bind-name");
    raw.hidden = true; // Vega writes the bare number there, again and again
    said.className = "vega-said";
    raw.after(said);
    function read() {
      var text = readings ? readings[Math.round((input.value - input.min) / input.step)] : input.value;
      said.textContent = text;
      input.setAttribute("aria-valuetext", text);
      if (printed) printed.textContent = text;
    }
    if (name) input.setAttribute("aria-label", name.textContent.trim());
    input.addEventListener("input", read);
    read();
  }
  var views = new WeakMap();
  function show(figure, old) { // in the place of another, with its sliders where they stood
    if (figure.dataset.ready) return;
    figure.dataset.ready = "loading";
    var view = figure.querySelector(".vega-view");
    var chart = JSON.parse(figure.querySelector('script[type="application/json"]').textContent);
    var live = document.createElement("div");
    var width = view.clientWidth || 672; // none inside a closed fold; measured here: Vega would measure a container that is not shown yet
    var spec = Object.assign({}, chart.wide, width < 500 ? chart.narrow : {}, { datasets: chart.datasets, width: width });
    load().then(function () {
      return window.vegaEmbed(live, spec, { actions: false, renderer: "svg", ast: true });
    }).then(function (result) {
      live.className = "vega-live";
      var settings = view.querySelector(".vega-settings"); // what paper shows in place of the sliders
      view.replaceChildren(live);
      if (settings) view.appendChild(settings);
      live.querySelectorAll('.vega-bind input[type="range"]').forEach(function (input, number) {
        var before = old && old.querySelectorAll('.vega-bind input[type="range"]')[number];
        if (before && before.value !== input.value) {
          input.value = before.value;
          input.dispatchEvent(new Event("input"));
        }
        follow(input, ((spec.usermeta || {}).sliders || [])[number], settings && settings.querySelectorAll("span")[number]);
      });
      // a slider inside a picture could not be reached: the group keeps the text alternative
      if (live.querySelector("input, select")) view.setAttribute("role", "group");
      figure.dataset.ready = "true";
      views.set(figure, result);
      new ResizeObserver(function () {
        if (Math.abs(view.clientWidth - width) < 2) return;
        width = view.clientWidth;
        result.view.width(width).resize().runAsync();
      }).observe(view);
    }).catch(function () { // the picture stays
      figure.dataset.ready = "false";
    });
  }
  function drop(figure) {
    if (views.has(figure)) views.get(figure).finalize();
  }
  window.casebookFigure = { load: load, show: show, drop: drop }; // for charts that a live cell draws
  // how to cite a figure ends in its address; where the build knows none, the page does
  document.querySelectorAll(".vega-cite").forEach(function (cite) {
    if (location.protocol === "file:" || cite.textContent.indexOf("#figure-") > 0) return;
    cite.append(" " + location.href.split("#")[0] + "#" + cite.closest(".vega-figure").id);
  });
  var near = new IntersectionObserver(function (entries) {
    entries.forEach(function (entry) {
      if (!entry.isIntersecting) return;
      near.unobserve(entry.target);
      show(entry.target);
    });
  }, { rootMargin: "300px" });
  document.querySelectorAll(".vega-figure").forEach(function (figure) {
    if (figure.dataset.live) near.observe(figure);
    else ["pointerenter", "touchstart"].forEach(function (reach) {
      figure.querySelector(".vega-view").addEventListener(reach, function () { show(figure); }, { once: true, passive: true });
    });
  });
})();
