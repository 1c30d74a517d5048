// A card beside each citation and term: on hover, on focus, and on a phone in place of the link. Without this script the links lead on.
(function () {
  "use strict";
  if (!HTMLElement.prototype.showPopover) return;
  var open = null, waiting = 0, touched = false;
  function noteOf(link) { return document.getElementById(link.getAttribute("aria-describedby")).parentNode; }
  function place(note, link, x) {
    // a link that runs over two lines has two boxes: the one under the pointer
    var boxes = [].slice.call(link.getClientRects());
    var box = boxes.find(function (box) { return x >= box.left && x <= box.right; }) || boxes[0];
    var below = box.bottom + note.offsetHeight + 8 < innerHeight || box.top < note.offsetHeight + 8;
    var left = Math.min(box.left, document.documentElement.clientWidth - note.offsetWidth - 8);
    note.style.left = scrollX + Math.max(8, left) + "px";
    note.style.top = scrollY + (below ? box.bottom + 4 : box.top - note.offsetHeight - 4) + "px";
  }
  function show(link, x) {
    clearTimeout(waiting);
    var note = noteOf(link);
    if (open === note && note.matches(":popover-open")) return;
    hide();
    open = note;
    note.showPopover({ source: link }); // Tab leads from the link into its card
    place(note, link, x);
  }
  function hide() {
    clearTimeout(waiting);
    if (open && open.matches(":popover-open")) open.hidePopover();
    open = null;
  }
  function later(what, ms) { clearTimeout(waiting); waiting = setTimeout(what, ms); }
  document.querySelectorAll("main a[aria-describedby^='said-']").forEach(function (link) {
    link.addEventListener("pointerenter", function (event) {
      if (event.pointerType === "mouse") later(function () { show(link, event.clientX); }, 200);
    });
    link.addEventListener("pointerleave", function () { later(hide, 300); }); // time to reach the card
    link.addEventListener("focus", function () { if (link.matches(":focus-visible")) show(link); });
    link.addEventListener("blur", function (event) { if (!open || !open.contains(event.relatedTarget)) hide(); });
    link.addEventListener("pointerdown", function (event) { touched = event.pointerType === "touch"; });
    link.addEventListener("click", function (event) {
      if (!touched || event.detail === 0) return; // a mouse or a key: the link leads on
      event.preventDefault();
      show(link, event.clientX);
    });
  });
  document.querySelectorAll(".note").forEach(function (note) {
    note.addEventListener("pointerenter", function () { clearTimeout(waiting); });
    note.addEventListener("pointerleave", function (event) { if (event.pointerType === "mouse") later(hide, 300); });
    note.addEventListener("focusout", function (event) { if (!note.contains(event.relatedTarget)) later(hide, 0); });
  });
  document.addEventListener("keydown", function (event) { if (event.key === "Escape") hide(); });
})();
