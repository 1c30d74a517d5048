// Live cells. Nothing is loaded before "Run this page" is pressed; without this script the page reads as published.
(function () {
  "use strict";
  var word = window.casebookWord, counted = window.casebookCounted;
  var script = document.currentScript, bar = document.querySelector(".live-bar");
  if (!bar) return;
  var go = bar.querySelector("button"), help = bar.querySelector(".live-help");
  var said = bar.querySelector('[role="status"]'), shown = bar.querySelector(".live-progress"), meter = bar.querySelector("progress");
  var cells = [].filter.call(document.querySelectorAll("div.cell"), function (cell) { return cell.querySelector(".cell_input pre"); });
  var key = "casebook-live:" + location.pathname, edits = {}, worker = null, waiting = {}, ids = 0, editors = false, busy = false, loading = null, tries = 0, at = "", asks = {}, watchers = [];
  try { edits = JSON.parse(localStorage.getItem(key)) || {}; } catch (e) { /* no storage, or not ours: no edits */ }

  function make(tag, name, text) {
    var made = document.createElement(tag);
    if (name) made.className = name;
    if (text) made.textContent = text;
    return made;
  }
  function button(text, name, press) {
    var made = make("button", name, text);
    made.type = "button";
    made.addEventListener("click", press);
    return made;
  }
  function megabytes(bytes) { return (bytes / 1e6).toFixed(1); }
  function say(text) {
    said.textContent = text;
    tellOthers("said", text);
  }
  function tellOthers(what, detail) { document.dispatchEvent(new CustomEvent("casebook:" + what, { detail: detail })); }

  // --- the cells as published

  cells = cells.map(function (box, i) {
    var input = box.querySelector(".cell_input"), source = input.querySelector("pre").textContent.replace(/\n$/, "");
    var output = box.querySelector(".cell_output");
    var cell = { box: box, input: input, source: source, number: i + 1, ran: false, editor: null, hash: hash(source) };
    if (output) cell.published = [].slice.call(output.childNodes);
    else {
      output = make("div", "cell_output docutils container");
      box.appendChild(output);
      cell.published = [];
    }
    cell.output = output;
    return cell;
  });
  function hash(text) { // names an edit by what it changed, so that a new edition of the chapter drops it
    var value = 5381;
    for (var i = 0; i < text.length; i++) value = (value * 33 ^ text.charCodeAt(i)) >>> 0;
    return value.toString(36);
  }
  function slot(cell) { return cell.number + "." + cell.hash; }
  function text(cell) {
    if (cell.editor) return cell.editor.text();
    return slot(cell) in edits ? edits[slot(cell)] : cell.source;
  }
  function code(cell) { return cell.editor ? text(cell) : cell.source; } // an edit that is kept waits for its editor
  function changed() { return cells.filter(function (cell) { return text(cell) !== cell.source; }); }
  function keep(cell, now) {
    if (now === cell.source) delete edits[slot(cell)];
    else edits[slot(cell)] = now;
    try {
      if (Object.keys(edits).length) localStorage.setItem(key, JSON.stringify(edits));
      else localStorage.removeItem(key);
    } catch (e) { /* not kept over a reload, then */ }
    cell.ran = false;
    reset.hidden = cell.reset.hidden = false;
  }

  // --- the bar

  var stop = button(word("live.stop"), "live-stop", function () {
    if (!busy) return;
    end();
    say(word("live.stopped"));
    ready();
    go.focus();
  });
  var reset = button(word("live.reset"), "live-reset", function () {
    if (busy) end();
    edits = {};
    try { localStorage.removeItem(key); } catch (e) { /* nothing was kept */ }
    cells.forEach(restore);
    tellOthers("reset");
    say(word("live.as_published"));
    ready();
    reset.hidden = true;
    go.focus();
  });
  reset.setAttribute("aria-label", word("live.reset_page"));
  stop.hidden = reset.hidden = true;
  go.after(stop, reset);
  if (changed().length) {
    help.textContent = counted("live.kept", changed().length);
    reset.hidden = false;
  }

  var shows = 0;
  function work(on, after) { // Stop shows at once, or after some milliseconds: what ends sooner does not flicker
    busy = on;
    go.setAttribute("aria-disabled", String(on));
    clearTimeout(shows);
    var stopped = document.activeElement === stop;
    if (on && after) shows = setTimeout(function () { stop.hidden = false; }, after);
    else stop.hidden = !on;
    if (!on && stopped) go.focus();
  }
  function tell(words) { // how far the page is, for the eye: a screen reader hears the end
    at = words;
    if (loading === "done") show(at); // what is fetched is shown until then
  }
  function show(words) {
    shown.textContent = words;
    shown.hidden = !words;
    if (words) tellOthers("progress", words);
  }
  function ready() {
    work(false);
    at = "";
    shown.hidden = meter.hidden = true;
    go.textContent = word(worker && editors ? "live.run_all" : "live.run_page");
    tellOthers("idle");
  }

  // --- the worker

  function barred() { // by the site's policy: the smallest module there is tells
    try { return !new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0)); } catch (e) { return true; }
  }

  function end(words) {
    var lost = asks;
    if (worker) worker.terminate();
    worker = null;
    waiting = {};
    asks = {};
    Object.keys(lost).forEach(function (id) { lost[id].failed(new Error(words || "")); });
    watchers.forEach(function (told) { told({ ended: true, words: words || "" }); });
    cells.forEach(function (cell) {
      cell.ran = false;
      quiet(cell);
    });
    tellOthers("ended");
  }
  function fail(words) {
    end(words);
    ready();
    say(words);
  }
  function heard(event) {
    var message = event.data, cell = waiting[message.id];
    if ("answer" in message && asks[message.id]) {
      asks[message.id].done(message.answer);
      delete asks[message.id];
    }
    watchers.forEach(function (told) { told(message); });
    if ("progress" in message && !message.fatal && loading !== "done" && busy) {
      var words = word(message.stored ? "live.stored" : "live.fetching", { done: megabytes(message.progress), all: megabytes(message.total) });
      show(message.progress < message.total ? words : word("live.starting"));
      meter.max = message.total;
      meter.value = message.progress;
      meter.hidden = false;
    }
    if (message.ready) {
      loading = "done";
      meter.hidden = true;
      tell(at);
      if (busy) say(word("live.ready"));
    }
    if (message.answer && cell) {
      delete waiting[message.id];
      cell(message.answer);
    }
    if (message.output && cell) add(cell, message.output);
    if ("done" in message && cell) {
      delete waiting[message.id];
      cell.finish(message.done);
    }
    if (message.fatal === "network") {
      fail(word("live.lost", { done: megabytes(message.progress) }));
    } else if (message.fatal === "policy") {
      fail(word("live.policy", { rule: message.words }));
    } else if (message.fatal) {
      fail(word("live.ended", { why: message.said ? word("live." + message.said, message) : message.words }));
    }
  }
  function begin() {
    if (worker) return;
    loading = "loading";
    try {
      worker = new Worker(script.dataset.worker, { type: "module" });
    } catch (error) {
      return fail(word("live.not_started", { why: error.message }));
    }
    var mine = worker;
    worker.onmessage = function (event) { if (worker === mine) heard(event); };
    worker.onerror = function (event) {
      event.preventDefault();
      if (worker === mine) heard({ data: event.message ? { fatal: "python", words: event.message } : { fatal: "network", progress: 0 } });
    };
    // what cells print, in the language of the page
    var said = script.dataset.said ? new URL(script.dataset.said, location.href).href : "";
    worker.postMessage({ start: cells.map(code), language: document.documentElement.lang, said: said });
  }

  // for another part of the page that asks Python, the form of one's own SIB: one Python serves both
  window.casebookLive = {
    bytes: Number(script.dataset.bytes),
    lacking: lacking,
    charts: function () { return charts().then(function () { return window.casebookFigure.load(); }); },
    watch: function (told) { watchers.push(told); },
    busy: function () { return busy; },
    stop: function () {
      end();
      ready();
    },
    form: function (what, data) {
      begin();
      return new Promise(function (done, failed) {
        if (!worker) return failed(new Error(said.textContent));
        asks[++ids] = { done: done, failed: failed };
        worker.postMessage({ id: ids, form: what, data: JSON.stringify(data) });
      });
    },
  };

  // --- cells that run

  var assumed = function () { return []; }; // what the sliders say, where a page has some
  function quiet(cell) {
    delete cell.box.dataset.running;
    cell.output.removeAttribute("aria-busy");
    cell.finish = null;
  }
  function run(cell) {
    return new Promise(function (done) {
      var id = ++ids;
      waiting[id] = cell;
      cell.fresh = true;
      cell.box.dataset.running = "true";
      cell.output.setAttribute("aria-busy", "true");
      if (cell.editor) cell.editor.fault(null);
      cell.finish = function (ok) {
        if (cell.fresh) cell.output.replaceChildren();
        quiet(cell);
        cell.ran = ok;
        cell.box.dataset.live = ok ? "ok" : "error";
        tellOthers("ran", cell);
        done(ok);
      };
      cell.sent = code(cell);
      worker.postMessage({ id: id, code: cell.sent, number: cell.number, values: assumed(), apart: Boolean(cell.apart) });
    });
  }
  function runTo(from, to) { // cells in order, until one fails
    work(true);
    begin();
    if (!worker) return Promise.resolve(false);
    var mine = worker, count = 0;
    function next(i) {
      if (i > to) return Promise.resolve(true);
      if (i < from && cells[i].ran) return next(i + 1);
      count++;
      tell(from < to ? word("live.cell_of", { number: i + 1, count: cells.length }) : "");
      return run(cells[i]).then(function (ok) {
        if (worker !== mine) return false;
        return ok ? next(i + 1) : i;
      });
    }
    return next(0).then(function (result) {
      if (worker !== mine) return false;
      ready();
      if (result === true) say(counted("live.ran", count, { number: cells[to].number }));
      else if (result !== false) {
        say(word("live.error", { number: cells[result].number, name: (cells[result].box.querySelector(".live-error strong") || {}).textContent }));
      }
      return result;
    });
  }
  function runCell(cell) {
    if (busy) return;
    cell.ran = false;
    stale(cell);
    say(word("live.running", { number: cell.number }));
    runTo(cell.number - 1, cell.number - 1).then(function (result) {
      var error = result === cell.number - 1 && cell.box.querySelector(".live-error");
      if (error) error.scrollIntoView({ block: "nearest" }); // the bar at the foot may be over it
    });
  }
  function stale(cell) { // what stands below was computed before this change
    cells.slice(cell.number).forEach(function (later) { if (later.box.dataset.live) later.box.classList.add("live-stale"); });
  }

  // --- outputs, in the markup of published ones

  function pre(kind, text) {
    var box = make("div", "output " + kind + " notranslate"), inner = make("div", "highlight"), lines = make("pre");
    lines.textContent = text;
    inner.appendChild(lines);
    box.appendChild(inner);
    return box;
  }
  function add(cell, output) {
    if (cell.fresh) {
      cell.old = cell.output.querySelector(".vega-figure");
      cell.output.replaceChildren();
      cell.fresh = false;
      cell.box.classList.remove("live-stale");
    }
    var made, last = cell.output.lastElementChild;
    if (output.kind === "stream") {
      if (last && last.dataset.stream === output.name) {
        last.querySelector("pre").append(output.text);
        return;
      }
      made = pre("stream", output.text);
      made.dataset.stream = output.name;
    } else if (output.kind === "text") made = pre("text_plain", output.text + "\n");
    else if (output.kind === "note") made = make("p", "live-note", output.text);
    else if (output.kind === "error") made = problem(cell, output);
    else {
      made = make("div", "output text_html");
      made.innerHTML = output.html;
    }
    cell.output.appendChild(made);
    if (output.kind === "chart") draw(made.querySelector(".vega-figure"), cell.old, cell.published);
  }
  function problem(cell, output) {
    var made = make("div", "live-error"), what = make("p"), fold = make("details");
    what.append(make("strong", "", output.name), output.text ? ": " + output.text : "");
    made.appendChild(what);
    if (output.line) {
      var where = make("p"), parts = word("live.line", { number: output.line, source: "\0" }).split("\0");
      where.append(parts[0], make("code", "", output.source), parts[1]);
      made.appendChild(where);
      if (cell.editor) cell.editor.fault(output.line);
    }
    if (output.hint) made.appendChild(make("p", "", output.hint));
    fold.append(make("summary", "", word("live.says")), pre("traceback", output.trace));
    made.appendChild(fold);
    return made;
  }
  var drawing = null;
  function charts() { // what draws: once, and while Python starts
    drawing = drawing || new Promise(function (done, failed) {
      if (window.casebookFigure) return done();
      var more = make("script");
      more.src = script.dataset.figure;
      more.dataset.bundle = script.dataset.bundle;
      more.onload = done;
      more.onerror = failed;
      document.head.appendChild(more);
    });
    return drawing;
  }
  function draw(figure, old, published) { // in the place of an old one, which stands until the new one is drawn
    if (old) {
      figure.setAttribute("style", old.getAttribute("style"));
      var view = figure.querySelector(".vega-view");
      [].forEach.call(old.querySelectorAll(".vega-view > svg, .vega-live svg"), function (svg) { view.prepend(svg.cloneNode(true)); });
    }
    charts().then(function () {
      window.casebookFigure.show(figure, old);
      var kept = published.some(function (node) { return node.contains && node.contains(old); });
      if (old && !kept) window.casebookFigure.drop(old); // what was published may come back
    }, function () { drawing = null; });
  }

  // --- editors in the place of published code

  function restore(cell) {
    if (cell.editor) cell.editor.set(cell.source);
    cell.output.replaceChildren.apply(cell.output, cell.published);
    cell.ran = false;
    quiet(cell);
    delete cell.box.dataset.live;
    cell.box.classList.remove("live-stale");
    if (cell.reset) cell.reset.hidden = true;
    delete edits[slot(cell)];
  }
  function openEditors(editor) {
    if (editors) return;
    editors = true;
    document.body.classList.add("live-on");
    cells.forEach(function (cell) {
      var fold = cell.input.closest("details.folded");
      if (fold) fold.open = true;
      var place = make("div", "live-editor"), row = make("div", "live-row"), first = text(cell);
      cell.run = button(word("live.run"), "live-run", function () { runCell(cell); });
      cell.run.setAttribute("aria-label", word("live.run_cell", cell));
      cell.reset = button(word("live.reset"), "live-reset", function () {
        if (busy) return;
        restore(cell);
        stale(cell);
        keep(cell, cell.source);
        cell.reset.hidden = true;
        reset.hidden = !changed().length && !document.querySelector(".cell[data-live]");
        cell.run.focus();
        say(word("live.cell_as_published", cell));
      });
      cell.reset.setAttribute("aria-label", word("live.reset_cell", cell));
      cell.reset.hidden = first === cell.source;
      row.append(cell.run, cell.reset);
      cell.input.querySelector(".highlight").hidden = true;
      cell.input.append(place, row);
      cell.editor = editor.edit(place, first, {
        label: word("live.code", cell),
        help: help.id,
        run: function () { runCell(cell); },
        leave: function () { cell.run.focus(); },
        changed: function (now) { keep(cell, now); },
      });
    });
    help.textContent = word("live.help");
    reset.hidden = false;
    tellOthers("editors", editor);
  }

  function fetching() { // said before there is anything to say: the press was heard
    show(word("live.fetching", { done: "0.0", all: megabytes(Number(script.dataset.bytes)) }));
    meter.hidden = false;
    if (document.querySelector(".cell .vega-figure")) charts().then(function () { return window.casebookFigure.load(); }).catch(function () { drawing = null; });
  }

  function lacking() {
    if (location.protocol === "file:") return word("live.folder");
    if (typeof WebAssembly !== "object") return word("live.no_wasm");
    if (barred()) return word("live.policy", { rule: "script-src" });
    if (typeof DecompressionStream !== "function" || typeof Worker !== "function") return word("live.too_old");
    return "";
  }
  go.addEventListener("click", function () {
    if (busy) return; // the second half of a double click
    var lack = lacking();
    if (lack) return say(lack);
    work(true);
    say(word(worker ? "live.running_all" : "live.fetching_shown"));
    if (!worker) {
      fetching();
    }
    begin();
    cells.forEach(function (cell) { cell.ran = false; });
    // a script's imports start from its own address, the page's attributes from the page's; and a browser
    // remembers a module that failed, so that another try asks under another address
    import(new URL(script.dataset.editor, document.baseURI) + (tries++ ? "?" + tries : "")).then(function (editor) {
      if (!busy) return;
      openEditors(editor);
      tries = 0;
      go.textContent = word("live.run_page");
      return runTo(0, cells.length - 1);
    }, function () { if (busy) fail(word("live.no_editor")); });
  });

  // --- for sliders and work cells: they ask what is out of date, and run it as the page does

  Object.assign(window.casebookLive, {
    cells: cells,
    say: say,
    tell: tell,
    values: function (from) { assumed = from; },
    assumed: function () { return assumed(); },
    loaded: function () { return loading === "done" && worker !== null; },
    editor: function () { return import(new URL(script.dataset.editor, document.baseURI)); },
    begin: function () { // Python, started if there is none; why it cannot be, else nothing
      var lack = lacking();
      if (lack) return lack;
      work(true, worker ? 700 : 0);
      if (!worker) fetching();
      begin();
      return "";
    },
    ask: function (request) {
      request.changed = cells.filter(function (cell) { return cell.sent !== undefined && cell.sent !== code(cell); }).map(function (cell) { return cell.number; });
      return new Promise(function (done) {
        var id = ++ids;
        waiting[id] = done;
        worker.postMessage({ id: id, ask: request });
      });
    },
    run: run,
    edited: function (cell) { return code(cell) !== cell.source; },
    done: function () {
      reset.hidden = false;
      ready();
    },
    asPublished: function (cell) { cell.output.replaceChildren.apply(cell.output, cell.published); },
  });
})();
