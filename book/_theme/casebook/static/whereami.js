// Where a reader is: in the contents, on the page, and, when they come back, in the book. Nothing leaves the browser.
(function () {
  "use strict";
  var word = window.casebookWord;
  var KEY = "casebook-place", main = document.querySelector("article");
  var contents = document.getElementById("contents"), places = document.getElementById("places");

  // the current page in sight, whenever the contents are
  function show(nav, link) {
    if (link) nav.scrollTop += link.getBoundingClientRect().top - nav.getBoundingClientRect().top - nav.clientHeight / 3;
  }
  var current = contents.querySelector("[aria-current]");
  show(contents, current);
  contents.addEventListener("toggle", function () { show(contents, current); });

  // the section that is being read: the last one whose head has passed the upper part of the window
  var links = {}, section = null;
  if (places) places.querySelectorAll("ul ul > li > a[href^='#']").forEach(function (link) { links[decodeURIComponent(link.hash.slice(1))] = link; });
  var watch = new IntersectionObserver(function (entries) {
    entries.forEach(function (entry) {
      var link = links[entry.target.id];
      if (entry.isIntersecting) {
        section = entry.target;
        link.setAttribute("aria-current", "location");
        keep();
      } else link.removeAttribute("aria-current");
    });
  }, { rootMargin: "-25% 0px -74% 0px" });
  Object.keys(links).forEach(function (id) {
    var place = document.getElementById(id);
    if (place && main.contains(place)) watch.observe(place);
  });

  // the place, kept on this machine; on the landing page a line leads back to it
  function stored(value) {
    try {
      if (value === undefined) return JSON.parse(localStorage.getItem(KEY));
      if (value) localStorage.setItem(KEY, JSON.stringify(value));
      else localStorage.removeItem(KEY);
    } catch (e) { /* no storage: nothing is kept, and nothing is missed */ }
    return null;
  }
  var line = document.getElementById("resume");
  function keep() {
    if (line || !current) return;
    stored({ page: location.pathname, id: section.id, section: links[section.id].textContent });
  }
  function resume() {
    var place = stored();
    var link = place && [].find.call(contents.querySelectorAll("a"), function (link) { return link.pathname === place.page && link !== current; });
    if (!link || typeof place.section !== "string" || !/^[\w-]+$/.test(place.id)) return; // no place, or of another edition
    var words = line.textContent, back = document.createElement("a"), forget = document.createElement("button");
    back.href = link.href + "#" + place.id;
    back.textContent = word("whereami.place", { page: link.textContent.split(/[:：]/)[0], section: place.section });
    forget.type = "button";
    forget.textContent = word("whereami.forget");
    forget.setAttribute("aria-label", word("whereami.forget_label"));
    forget.addEventListener("click", function () {
      stored(null);
      line.textContent = words;
      line.tabIndex = -1;
      line.focus();
    });
    var parts = word("whereami.continue", { place: "\0" }).split("\0");
    line.replaceChildren(parts[0], back, parts[1], forget);
  }
  if (line) resume();
})();
