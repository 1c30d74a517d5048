"""What is wrong with a chart as it stands in a page, read off its SVG: run in the page by test_charts_in_pages.py."""

CHECK = """() => {
  const faults = [];
  const seen = svg => { const box = svg.getBoundingClientRect(); return box.width > 0 && box.height > 0; };
  // colours as the browser draws them, in sRGB, over the paper
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  canvas.canvas.width = canvas.canvas.height = 1;
  const memory = new Map();
  const rgba = colour => {
    if (!memory.has(colour)) {
      canvas.clearRect(0, 0, 1, 1);
      canvas.fillStyle = colour;
      canvas.fillRect(0, 0, 1, 1);
      memory.set(colour, [...canvas.getImageData(0, 0, 1, 1).data]);
    }
    return memory.get(colour);
  };
  const paper = rgba(getComputedStyle(document.body).backgroundColor);
  const luminance = parts => parts.slice(0, 3).map(part => part / 255)
    .map(part => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
    .reduce((sum, part, i) => sum + part * [0.2126, 0.7152, 0.0722][i], 0);
  const contrast = (colour, opacity) => {
    const drawn = rgba(colour), alpha = drawn[3] / 255 * opacity;
    const mixed = drawn.slice(0, 3).map((part, i) => part * alpha + paper[i] * (1 - alpha));
    const [high, low] = [luminance(mixed), luminance(paper)].sort((a, b) => b - a);
    return (high + 0.05) / (low + 0.05);
  };
  const opacity = item => {
    let all = 1;
    for (let at = item; at && at.nodeName !== "svg"; at = at.parentNode)
      all *= parseFloat(getComputedStyle(at).opacity);
    return all;
  };
  for (const svg of document.querySelectorAll(".vega-view svg")) {
    if (!seen(svg)) continue;
    const figure = svg.closest(".vega-figure"), name = figure.id || "chart";
    const say = text => faults.push(name + ": " + text);
    const view = svg.closest(".vega-view"), clips = getComputedStyle(view).overflowX !== "visible";
    const edge = svg.getBoundingClientRect();
    const page = { left: 0, right: document.documentElement.clientWidth, top: edge.top, bottom: edge.bottom };
    const frame = clips ? edge : page;
    const texts = [...svg.querySelectorAll("text")].filter(text => text.textContent.trim()
      && getComputedStyle(text).opacity > 0 && text.getAttribute("opacity") !== "0").map(text => {
      // the letters, not the line: a box is higher than what it holds
      const box = text.getBoundingClientRect(), rows = Math.max(1, text.querySelectorAll("tspan").length);
      const spare = box.height / rows * 0.14;
      return { text, top: box.top + spare, bottom: box.bottom - spare, left: box.left, right: box.right,
        tick: !!text.closest(".role-axis-label") };
    }).filter(box => box.right > box.left);
    for (const box of texts) {
      const words = box.text.textContent;
      if (box.left < frame.left - 1 || box.right > frame.right + 1) say("cut at the side: " + words);
      if (box.top < frame.top - 1 || box.bottom > frame.bottom + 1) say("cut above or below: " + words);
      if (words.includes("\\u2026")) say("cut short: " + words);
      if (words.includes("-") && /(^|\\s)-\\d/.test(words)) say("hyphen for a minus: " + words);
    }
    for (let i = 0; i < texts.length; i++) for (let j = i + 1; j < texts.length; j++) {
      const a = texts[i], b = texts[j], room = a.tick && b.tick ? 2 : 0;
      if (Math.min(a.right, b.right) + room > Math.max(a.left, b.left) + 0.5
        && Math.min(a.bottom, b.bottom) > Math.max(a.top, b.top) + 0.5)
        say("text on text: " + a.text.textContent + " | " + b.text.textContent);
    }
    // the view is the plot itself: the widest background of a group of marks
    const plot = svg.querySelector(".mark-group.role-frame .background") || svg;
    const inner = plot.getBoundingClientRect();
    for (const mark of svg.querySelectorAll(".mark-symbol.role-mark path, .mark-text.role-mark text")) {
      const box = mark.getBoundingClientRect(), x = (box.left + box.right) / 2, y = (box.top + box.bottom) / 2;
      if (!box.width) continue;
      const within = mark.nodeName === "text" ? edge : inner;
      if (x < within.left - 1 || x > within.right + 1 || y < within.top - 1 || y > within.bottom + 1)
        say("a mark outside the view at " + Math.round(x - inner.left) + ", " + Math.round(y - inner.top));
      if (mark.nodeName !== "text" && (x < inner.left + 2 || x > inner.right - 2)) say("a mark on the rim");
    }
    const kinds = ".mark-line path, .mark-rule line, .mark-symbol.role-mark path, .mark-rect.role-mark path";
    for (const mark of svg.querySelectorAll(kinds)) {
      if (mark.closest(".role-axis, .role-axis-grid, .role-axis-tick, .role-axis-domain")) continue;
      if (mark.getAttribute("aria-roledescription") === "shade") continue;  // behind words that say the same
      const style = getComputedStyle(mark), area = mark.closest(".mark-symbol, .mark-rect");
      const colour = area ? style.fill : style.stroke;
      if (colour === "none" || colour === "rgba(0, 0, 0, 0)") continue;
      const ratio = contrast(colour, opacity(mark));
      if (ratio < 3) { say("faint: " + colour + " " + ratio.toFixed(2)); break; }
    }
  }
  return [...new Set(faults)];
}"""
