// The tables of the data, filtered as a reader types. Without this script they are whole.
(function () {
  "use strict";
  var word = window.casebookWord;
  document.querySelectorAll(".data-table form").forEach(function (form) {
    var box = form.parentNode, table = box.querySelector("table");
    var rows = [...table.tBodies[0].rows], heads = [...table.tHead.rows[0].cells];
    var words = form.querySelector("input"), choices = [...form.querySelectorAll("select")];
    var status = form.querySelector("[role=status]");
    var texts = rows.map(function (row) { return row.textContent.toLowerCase(); });

    function filter() {
      var wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean), shown = 0;
      rows.forEach(function (row, i) {
        var fits = wanted.every(function (each) { return texts[i].includes(each); }) &&
          choices.every(function (choice) {
            return !choice.value || row.cells[choice.dataset.column].textContent === choice.value;
          });
        row.hidden = !fits;
        shown += fits;
      });
      status.textContent = word("datatables.rows", { shown: shown, all: rows.length });
    }
    form.addEventListener("input", filter);
    form.addEventListener("submit", function (event) { event.preventDefault(); });

    // what is shown, as a file; nothing is sent anywhere
    function cell(text) { return /[",\n]/.test(text) ? '"' + text.replace(/"/g, '""') + '"' : text; }
    form.querySelector("button").addEventListener("click", function () {
      var shown = rows.filter(function (row) { return !row.hidden; }).map(function (row) { return [...row.cells]; });
      var lines = [heads].concat(shown).map(function (cells) {
        return cells.map(function (each) { return cell(each.textContent); }).join(",");
      });
      var link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([lines.join("\n") + "\n"], { type: "text/csv;charset=utf-8" }));
      link.download = word("datatables.file", { name: box.dataset.name });
      link.click();
      URL.revokeObjectURL(link.href);
    });

    // an address leads to its row, whatever was filtered
    addEventListener("hashchange", function () {
      var row = document.getElementById(decodeURIComponent(location.hash.slice(1)));
      if (row && row.hidden && box.contains(row)) { form.reset(); filter(); row.scrollIntoView(); }
    });
    if (words.value || choices.some(function (choice) { return choice.value; })) filter(); // kept by the browser
  });
})();
