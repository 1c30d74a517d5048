// Search, in the masthead as one types and on its own page. The index is loaded when it is first wanted; without this
// script the form leads to the search page, which says where else to look.
(function () {
  "use strict";
  var say = window.casebookWord;
  var home = new URL(document.documentElement.dataset.content_root, location.href);
  var KINDS = ["section", "term", "row", "reference"], WEIGHTS = [1, 1, 0.22, 0.16];
  var ASIDE = { reference: 0.6, teach: 0.7, practice: 0.7 }; // what stands in these folders says again what a chapter says
  var STOP = new Set("a an and are as at be by can could define definition did do does for from had has have how i in is it its mean meaning means of on or s that the their there they this to was were what when where which who why will with would you".split(" "));

  // --- words: the same for what is written and for what is asked

  function fold(text) { return text.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").normalize("NFC").toLowerCase().replace(/(\d),(?=\d{3})/g, "$1").replace(/['’]s\b/g, ""); }
  function stem(word) {
    if (word.length < 4 || /\d/.test(word)) return word;
    return word.replace(/ies$/, "y").replace(/(s|x|ch|sh)es$/, "$1").replace(/([^siu])s$/, "$1");
  }
  function words(folded) { return (folded.match(/[a-z0-9]+(?:\.\d+)*/g) || []).map(stem); }
  function signs(folded) { // Japanese has no spaces: kanji and katakana in runs; hiragana mostly joins them
    return folded.match(/\p{Script=Han}+|[\p{Script=Katakana}ー]+/gu) || folded.match(/\p{Script=Hiragana}+/gu) || [];
  }

  // --- the index, made ready once

  var loading = null, book = null;
  function load() {
    loading = loading || new Promise(function (done, failed) {
      var script = document.createElement("script");
      script.src = new URL("search-index.js", home);
      script.onload = function () { done(book = prepare(window.casebookIndex)); };
      script.onerror = function () { loading = null; script.remove(); failed(); };
      document.head.appendChild(script);
    });
    return loading;
  }
  function prepare(index) {
    var postings = new Map(), total = 0, last = -1;
    var entries = index.entries.map(function (row, i) {
      var entry = { page: row[0], place: row[1], kind: row[2], heading: row[3], names: row[4], text: row[5], lead: row[0] !== last };
      last = row[0];
      entry.folded = fold(entry.text);
      entry.names = entry.names.map(fold);
      entry.head = fold(entry.heading);
      entry.title = fold(index.pages[entry.page][0]);
      var counts = new Map(), all = words(entry.folded);
      function count(word, field) {
        var seen = counts.get(word);
        if (!seen) counts.set(word, seen = { entry: i, heading: 0, title: 0, name: 0, text: 0 });
        seen[field]++;
      }
      all.forEach(function (word) { count(word, "text"); });
      words(entry.head).forEach(function (word) { count(word, "heading"); });
      words(entry.title).forEach(function (word) { count(word, "title"); });
      entry.names.forEach(function (name) { words(name).forEach(function (word) { count(word, "name"); }); });
      entry.size = all.length;
      entry.line = all.join(" ");
      entry.headline = words(entry.head).join(" ");
      total += all.length;
      counts.forEach(function (seen, word) { postings.has(word) ? postings.get(word).push(seen) : postings.set(word, [seen]); });
      return entry;
    });
    // every name of a thing leads to its other names
    var same = new Map();
    index.same.forEach(function (group) {
      var names = group.map(fold);
      names.forEach(function (name) {
        var key = words(name).join(" ") || name;
        same.set(key, (same.get(key) || []).concat(names));
      });
    });
    return { pages: index.pages, entries: entries, postings: postings, terms: [...postings.keys()], mean: total / entries.length, same: same };
  }

  // --- what is asked: items, each with alternatives, each of them words that must all be there

  function near(word) { // letters wrong, missing, doubled or exchanged: one in a short word, two in a long one
    var most = word.length < 4 || /^\d/.test(word) ? 0 : word.length < 8 ? 1 : 2, found = [], best = most + 1;
    if (!most) return [];
    book.terms.forEach(function (term) {
      if (Math.abs(term.length - word.length) > most || /\d/.test(term)) return;
      var far = distance(word, term, most);
      if (far < best) { best = far; found = []; }
      if (far === best && far <= most) found.push(term);
    });
    return found;
  }
  function distance(a, b, most) {
    var before, last, row = [], i, j;
    for (j = 0; j <= b.length; j++) row.push(j);
    for (i = 1; i <= a.length; i++) {
      before = last; last = row; row = [i];
      for (j = 1; j <= b.length; j++) {
        row[j] = Math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] !== b[j - 1]));
        if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) row[j] = Math.min(row[j], before[j - 2] + 1);
      }
      if (Math.min.apply(null, row) > most) return most + 1;
    }
    return row[b.length];
  }
  function forms(word) { // the terms of the book that a word may mean, with how surely
    var exact = book.postings.has(word) ? [[word, 1]] : [];
    var longer = word.length < 2 ? [] : book.terms.filter(function (term) { return term !== word && term.startsWith(word) && (word.length > 3 || !/\d/.test(term)); });
    var found = exact.concat(longer.map(function (term) { return [term, (exact.length ? 0.35 : 0.8) * Math.max(0.4, word.length / term.length)]; }));
    return found.length ? found : near(word).map(function (term) { return [term, 0.6]; });
  }
  function ask(query) {
    var folded = fold(query).replace(/(?<=.)(とは|って|の意味).{0,3}$/, ""), all = words(folded), kept = all.filter(function (word) { return !STOP.has(word); }), items = [];
    var plain = (kept.length || signs(folded).length ? kept : all).map(spelt), at = 0;
    while (at < plain.length) { // the longest run of words that is a name of something
      for (var size = Math.min(4, plain.length - at); size > 1 && !book.same.has(plain.slice(at, at + size).join(" ")); size--);
      var run = plain.slice(at, at + size), names = book.same.get(run.join(" ")) || [];
      items.push([{ words: run.map(forms), weight: 1 }].concat(names.map(other).filter(function (each) { return each.words; })));
      at += size;
    }
    signs(folded).forEach(function (run) {
      var pieces = run.length < 3 || book.entries.some(function (entry) { return holds(entry, run); }) ? [run] : run.match(/../g);
      pieces.forEach(function (piece) { items.push([{ sign: piece, weight: 1 }].concat((book.same.get(piece) || []).map(other))); });
    });
    return { items: items, phrase: plain.join(" "), name: plain.join(" ") || signs(folded).join(""), asked: /^(what|who|define)\b|meaning|.(とは|って|の意味)/.test(fold(query)) };
  }
  function spelt(word) { // as the book has it, where only one word of the book is near
    var close = book.terms.some(function (term) { return term.startsWith(word); }) ? [] : near(word);
    return close.length === 1 ? close[0] : word;
  }
  function other(name) {
    var list = words(name);
    return list.length ? { words: list.map(function (word) { return book.postings.has(word) ? [[word, 1]] : []; }), weight: 0.5 } : { sign: name, weight: 0.5 };
  }
  function holds(entry, sign) {
    return entry.names.some(function (name) { return name.includes(sign); }) || entry.head.includes(sign) || entry.folded.includes(sign);
  }

  // --- what fits: titles and headings before text, rare words before common ones, all of the words before some

  function weigh(seen) {
    var entry = book.entries[seen.entry], text = seen.text / (seen.text + 0.4 + 0.8 * entry.size / book.mean);
    return Math.max(seen.heading && (entry.lead ? 6 : 5), seen.name && 4.5, seen.title && 3.5) + 2 * text;
  }
  function scores(alternative) { // by entry
    var found = new Map();
    if (alternative.sign) {
      book.entries.forEach(function (entry, i) {
        var sign = alternative.sign, score = 0;
        if (entry.names.some(function (name) { return name.includes(sign); })) score += 5;
        if (entry.head.includes(sign)) score += 4;
        if (entry.folded.includes(sign)) score += 2;
        if (score) found.set(i, score * 4 * alternative.weight);
      });
      return found;
    }
    alternative.words.forEach(function (list, place) {
      var here = new Map();
      list.forEach(function (form) {
        var all = book.postings.get(form[0]), rare = Math.log(1 + book.entries.length / all.length);
        all.forEach(function (seen) { here.set(seen.entry, Math.max(here.get(seen.entry) || 0, form[1] * rare * weigh(seen))); });
      });
      if (!place) found = here;
      else found.forEach(function (score, i) { here.has(i) ? found.set(i, score + here.get(i)) : found.delete(i); });
    });
    found.forEach(function (score, i) { found.set(i, alternative.weight * score / Math.sqrt(alternative.words.length)); });
    return found;
  }
  function find(query) {
    var asked = ask(query), sums = new Map(), hits = new Map();
    asked.items.forEach(function (item) {
      var best = new Map();
      item.forEach(function (alternative) {
        scores(alternative).forEach(function (score, i) { best.set(i, Math.max(best.get(i) || 0, score)); });
      });
      best.forEach(function (score, i) { sums.set(i, (sums.get(i) || 0) + score); hits.set(i, (hits.get(i) || 0) + 1); });
    });
    var most = Math.max.apply(null, [0].concat([...hits.values()])), found = [];
    sums.forEach(function (sum, i) {
      var entry = book.entries[i], score = sum * WEIGHTS[entry.kind];
      if (/^(exercises|sources-and-further-reading)$/.test(entry.place)) score *= 0.7;
      if (KINDS[entry.kind] === "section" && !entry.lead) score *= ASIDE[(/book\/(\w+)\//.exec(book.pages[entry.page][1]) || [])[1]] || 1;
      if (hits.get(i) < most) return; // some of the words, where another place has more of them
      if (asked.phrase.includes(" ")) score *= entry.headline.includes(asked.phrase) ? 1.5 : entry.line.includes(asked.phrase) ? 1.15 : 1;
      var named = [entry.head].concat(entry.names).some(function (name) { return (words(name).join(" ") || name) === asked.name; });
      if (entry.lead && named && asked.phrase.includes(" ")) score *= 1.2; // a page that goes by just these words
      if (KINDS[entry.kind] === "term") {
        score *= (named ? 3 : 1) * (asked.asked ? (named ? 20 : 3) : 1);
      }
      found.push({ entry: entry, score: score });
    });
    found.sort(function (a, b) { return b.score - a.score; });
    var pages = {}; // several places of one page make room for others
    found.forEach(function (hit) { var before = pages[hit.entry.page] = (pages[hit.entry.page] || 0) + 1; hit.score *= Math.pow(0.88, before - 1); });
    found.sort(function (a, b) { return b.score - a.score; });
    return { found: found, marks: marks(asked) };
  }
  function marks(asked) {
    var terms = new Set(), runs = [];
    asked.items.forEach(function (item) {
      item.forEach(function (alternative) {
        if (alternative.sign) runs.push(alternative.sign);
        else if (alternative.weight === 1 || item[0].words && item[0].words.length === 1) alternative.words.forEach(function (list) { list.forEach(function (form) { terms.add(form[0]); }); });
      });
    });
    return { terms: terms, runs: runs };
  }

  // --- what is shown

  function make(tag, name, text) {
    var made = document.createElement(tag);
    if (name) made.className = name;
    if (text) made.textContent = text;
    return made;
  }
  function spans(text, wanted) { // where the words that were asked for stand
    var found = [];
    [...text.matchAll(/[\p{Script=Latin}\p{M}\d][\p{Script=Latin}\p{M}\d.,]*/gu)].forEach(function (match) {
      if (words(fold(match[0])).some(function (word) { return wanted.terms.has(word); })) found.push([match.index, match.index + match[0].replace(/[.,]+$/, "").length]);
    });
    wanted.runs.forEach(function (run) {
      for (var at = text.indexOf(run); at >= 0; at = text.indexOf(run, at + run.length)) found.push([at, at + run.length]);
    });
    return found.sort(function (a, b) { return a[0] - b[0]; }).filter(function (span, i, all) { return !i || span[0] >= all[i - 1][1]; });
  }
  function marked(tag, name, text, wanted, most) {
    var made = make(tag, name), all = spans(text, wanted), from = 0, to = text.length;
    if (most && text.length > most) { // the stretch with the most different words
      var best = -1;
      all.forEach(function (span) {
        var start = Math.max(0, span[0] - 50), within = all.filter(function (other) { return other[0] >= start && other[1] <= start + most; });
        var kinds = new Set(within.map(function (other) { return text.slice(other[0], other[1]).toLowerCase(); })).size;
        if (kinds > best) { best = kinds; from = start; }
      });
      if (from) from = text.indexOf(" ", from) + 1 || from;
      to = from + most < text.length ? text.lastIndexOf(" ", from + most) : text.length;
      if (to <= from) to = from + most;
    }
    var at = from;
    if (from) made.append("… ");
    all.forEach(function (span) {
      if (span[0] < at || span[1] > to) return;
      made.append(text.slice(at, span[0]), make("mark", "", text.slice(span[0], span[1])));
      at = span[1];
    });
    made.append(text.slice(at, to), to < text.length ? " …" : "");
    return made;
  }
  function address(entry) {
    return new URL(book.pages[entry.page][1] + (entry.place && !entry.lead ? "#" + encodeURIComponent(entry.place) : ""), home).href;
  }
  function where(entry) {
    var page = book.pages[entry.page];
    if (entry.lead) return page[2] || say("search.book");
    return KINDS[entry.kind] === "term" ? say("search.term") : page[0];
  }
  function counted(found) { return found.length ? window.casebookCounted("search.results", found.length) : say("search.none"); }

  // the page
  var field = document.getElementById("words"), list = document.getElementById("search-results");
  if (field && list) {
    var status = document.getElementById("search-progress");
    var show = function () {
      var query = field.value.trim();
      history.replaceState(null, "", query ? "?q=" + encodeURIComponent(query) : location.pathname);
      if (!query) { list.replaceChildren(); status.textContent = ""; return; }
      load().then(function () {
        if (field.value.trim() !== query) return; // another letter since
        var answer = find(query), rows = make("ol");
        answer.found.slice(0, 40).forEach(function (hit) {
          var row = make("li", KINDS[hit.entry.kind]), link = marked("a", "", hit.entry.heading, answer.marks);
          link.href = address(hit.entry);
          row.append(link, make("span", "where", where(hit.entry)), marked("p", "context", hit.entry.text, answer.marks, KINDS[hit.entry.kind] === "term" ? 420 : 220));
          rows.append(row);
        });
        list.replaceChildren(rows);
        var words = answer.found.length > 40 ? say("search.first", { results: counted(answer.found) }) : counted(answer.found);
        status.textContent = answer.found.length ? words : say("search.nothing");
      }, function () { status.textContent = say("search.unloaded"); });
    };
    field.value = new URLSearchParams(location.search).get("q") || "";
    field.addEventListener("input", show);
    field.form.addEventListener("submit", function (event) { event.preventDefault(); show(); });
    field.form.parentNode.addEventListener("keydown", function (event) {
      var links = [...list.querySelectorAll("li > a")], at = links.indexOf(document.activeElement);
      if (event.key === "Escape" && at >= 0) field.focus();
      else if (event.key === "ArrowDown" && links.length && (at >= 0 || document.activeElement === field)) (links[at + 1] || links[at]).focus();
      else if (event.key === "ArrowUp" && at >= 0) (links[at - 1] || field).focus();
      else return;
      event.preventDefault();
    });
    if (field.value) show();
    else field.focus();
  }

  // the masthead
  var box = document.getElementById("q");
  if (box) {
    var choices = make("div", "found"), told = make("span", "unseen"), now = -1;
    choices.id = "found";
    choices.hidden = true;
    choices.setAttribute("role", "listbox");
    choices.setAttribute("aria-label", say("search.found"));
    told.setAttribute("role", "status");
    box.form.append(choices, told);
    box.setAttribute("role", "combobox");
    box.setAttribute("aria-autocomplete", "list");
    box.setAttribute("aria-controls", "found");
    box.setAttribute("aria-expanded", "false");
    var close = function () {
      choices.hidden = true;
      box.setAttribute("aria-expanded", "false");
      mark(-1);
    };
    var mark = function (to) {
      now = to;
      [...choices.children].forEach(function (each, i) { each.setAttribute("aria-selected", String(i === to)); });
      if (to < 0) box.removeAttribute("aria-activedescendant");
      else box.setAttribute("aria-activedescendant", choices.children[to].id);
    };
    var offer = function () {
      var query = box.value.trim();
      if (query.length < 2 && !signs(query).length) { close(); told.textContent = ""; return; }
      load().then(function () {
        if (box.value.trim() !== query || document.activeElement !== box) return;
        var answer = find(query);
        choices.replaceChildren.apply(choices, answer.found.slice(0, 7).map(function (hit, i) {
          var link = make("a", KINDS[hit.entry.kind]);
          link.href = address(hit.entry);
          link.id = "found-" + i;
          link.tabIndex = -1;
          link.setAttribute("role", "option");
          link.append(marked("strong", "", hit.entry.heading, answer.marks), make("span", "where", where(hit.entry)), marked("span", "context", hit.entry.text, answer.marks, KINDS[hit.entry.kind] === "term" ? 150 : 90));
          return link;
        }));
        choices.hidden = !answer.found.length;
        box.setAttribute("aria-expanded", String(!choices.hidden));
        mark(-1);
        told.textContent = answer.found.length ? say("search.choose", { results: counted(answer.found) }) : say("search.nothing_short");
      }, function () { told.textContent = say("search.unloaded_short"); });
    };
    box.addEventListener("focus", function () { load().catch(function () { /* said when a word is typed */ }); });
    box.addEventListener("input", offer);
    box.addEventListener("keydown", function (event) {
      var count = choices.hidden ? 0 : choices.children.length;
      if (event.key === "Escape" && count) close();
      else if (event.key === "ArrowDown" && count) mark((now + 2) % (count + 1) - 1);
      else if (event.key === "ArrowUp" && count) mark((now + count + 1) % (count + 1) - 1);
      else if (event.key === "Enter" && now >= 0) choices.children[now].click();
      else return;
      event.preventDefault();
    });
    box.form.addEventListener("focusout", function (event) { if (!box.form.contains(event.relatedTarget)) close(); });
    choices.addEventListener("mousedown", function (event) { event.preventDefault(); }); // the box keeps the focus until the click
    choices.addEventListener("click", close);
  }
  addEventListener("keydown", function (event) {
    var to = event.target;
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || to.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(to.tagName)) return;
    event.preventDefault();
    (box || field).focus();
    (box || field).select();
  });
})();
