// The coding forms write a coding sheet as a CSV file. Nothing is sent anywhere.
document.querySelectorAll("form.coding").forEach(function (form) {
  "use strict";
  var word = window.casebookWord;
  var units = [...form.querySelectorAll(".unit")], coder = form.querySelector(".coder");
  var status = form.querySelector("[role=status]"), key = "coding-form-" + form.dataset.sheet;
  var fields = [...form.querySelectorAll("select, input")];
  form.querySelectorAll("button").forEach(function (button) { button.hidden = false; });

  // what was filled in survives a reload, on this device
  try {
    JSON.parse(localStorage.getItem(key) || "[]").forEach(function (value, i) { if (fields[i]) fields[i].value = value; });
  } catch (e) { /* not kept, then */ }
  function keep() {
    var values = fields.map(function (field) { return field.value; });
    try { localStorage.setItem(key, JSON.stringify(values)); } catch (e) { /* not kept, then */ }
  }
  form.addEventListener("input", keep);
  // for the next person at a shared computer
  form.addEventListener("reset", function (event) {
    if (!confirm(word("codingform.empty"))) { event.preventDefault(); return; }
    setTimeout(function () { keep(); status.textContent = word("codingform.emptied"); });
  });

  function cell(text) { return /[",\n]/.test(text) ? '"' + text.replace(/"/g, '""') + '"' : text; }
  form.addEventListener("submit", function (event) {
    event.preventDefault();
    var name = coder.value.trim().replace(/[^\p{L}\p{N} _-]/gu, "") || word("codingform.coder");
    var scored = units.filter(function (unit) { return unit.querySelector("select").value; }).length;
    if (!scored) { status.textContent = word("codingform.none"); form.querySelector("select").focus(); return; }
    var rows = units.map(function (unit) {
      var seen = unit.querySelector(".evidence"); // which tells the two kinds of sheet apart
      return [unit.dataset.case, unit.dataset.dimension, seen ? seen.textContent : "",
        unit.querySelector("select").value, unit.querySelector("input").value];
    });
    var text = [["case", "dimension", "evidence", "score", "why"]].concat(rows).map(function (row) { return row.map(cell).join(","); });
    var link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text.join("\n") + "\n"], { type: "text/csv;charset=utf-8" }));
    link.download = name + ".csv";
    link.click();
    URL.revokeObjectURL(link.href);
    status.textContent = word("codingform.saved", { file: link.download, scored: scored, all: units.length });
  });
});
