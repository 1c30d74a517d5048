// The tables of the data, filtered as a reader types. Without this script they are whole.
(function () {
  "use strict";
  document.querySelectorAll(".data-table[data-name]").forEach(function (box, number) {
    var table = box.querySelector("table"), rows = [...table.tBodies[0].rows], heads = [...table.tHead.rows[0].cells];
    if (rows.length < 8) return;
    var form = document.createElement("form"), status = document.createElement("span");
    form.className = "data-filter";
    status.setAttribute("role", "status");

    function field(title, control) {
      var label = document.createElement("label");
      label.append(title + " ", control);
      form.append(label);
      return control;
    }
    var words = field("Words", document.createElement("input"));
    words.type = "search";
    var choices = heads.flatMap(function (head, column) {
      if (!head.hasAttribute("data-choice")) return [];
      var select = document.createElement("select");
      var values = [...new Set(rows.map(function (row) { return row.cells[column].textContent; }))].filter(Boolean);
      if (values.length < 2) return [];
      select.append(new Option("all", ""));
      values.sort().forEach(function (value) { select.append(new Option(value, value)); });
      return [{ column: column, select: field(head.textContent, select) }];
    });
    var texts = rows.map(function (row) { return row.textContent.toLowerCase(); });

    function filter() {
      var wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean), shown = 0;
      rows.forEach(function (row, i) {
        var fits = wanted.every(function (word) { return texts[i].includes(word); }) &&
          choices.every(function (choice) {
            return !choice.select.value || row.cells[choice.column].textContent === choice.select.value;
          });
        row.hidden = !fits;
        shown += fits;
      });
      status.textContent = shown + " of " + rows.length + " rows";
    }
    form.addEventListener("input", filter);
    form.addEventListener("submit", function (event) { event.preventDefault(); });

    // what is shown, as a file; nothing is sent anywhere
    function cell(text) { return /[",\n]/.test(text) ? '"' + text.replace(/"/g, '""') + '"' : text; }
    var take = document.createElement("button");
    take.type = "button";
    take.textContent = "Download the rows shown";
    take.addEventListener("click", function () {
      var lines = [heads].concat(rows.filter(function (row) { return !row.hidden; }).map(function (row) { return [...row.cells]; }));
      var text = lines.map(function (cells) { return cells.map(function (c) { return cell(c.textContent); }).join(","); });
      var link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([text.join("\n") + "\n"], { type: "text/csv;charset=utf-8" }));
      link.download = box.dataset.name + "-shown.csv";
      link.click();
      URL.revokeObjectURL(link.href);
    });
    form.append(take, status);
    box.querySelector(".scroll").before(form);

    // an address leads to its row, whatever was filtered
    function arrive() {
      var row = document.getElementById(decodeURIComponent(location.hash.slice(1)));
      if (row && row.hidden && box.contains(row)) { form.reset(); filter(); row.scrollIntoView(); }
    }
    addEventListener("hashchange", arrive);
    filter();
  });
})();
