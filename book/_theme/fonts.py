# /// script
# dependencies = ["fonttools", "brotli"]
# ///
"""The faces that stand in while the book's own load, and the mathematics font: run once, by hand, when a font changes.

`npm pack @fontsource/{roboto,noto-serif,stix-two-math}@5.3.0`, unpack each into FOLDER/NAME, have Debian's
`fonts-liberation` (letters as wide as those of Times New Roman and Arial), then `uv run book/_theme/fonts.py FOLDER`:
it writes `stix-two-math.woff2` and prints the rules that stand at the head of `casebook.css_t`.
"""

import json
import re
import sys
from collections import Counter
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

ROOT = Path(__file__).parents[2]
OURS = ROOT / "book/_theme/casebook/static/fonts"
LIBERATION = Path("/usr/share/fonts/truetype/liberation")
NOTO, ROBOTO = ("{}/package/files/{}-latin-{}.woff2".format(name, name, "{}") for name in ("noto-serif", "roboto"))
# ours, weight and style; then, by family: the file measured, and the names under which readers' machines have it
FACES = [
    ("Serif", "source-serif-4-latin-400-normal", 400, "normal", {
        "Times": ("LiberationSerif-Regular.ttf", "Times New Roman", "TimesNewRomanPSMT", "Liberation Serif", "Tinos"),
        "Noto": (NOTO.format("400-normal"), "Noto Serif", "NotoSerif")}),
    ("Serif", "source-serif-4-latin-400-italic", 400, "italic", {
        "Times": ("LiberationSerif-Italic.ttf", "Times New Roman Italic", "TimesNewRomanPS-ItalicMT",
                  "Liberation Serif Italic", "Tinos Italic"),
        "Noto": (NOTO.format("400-italic"), "Noto Serif Italic", "NotoSerif-Italic")}),
    ("Serif", "source-serif-4-latin-600-normal", 600, "normal", {
        "Times": ("LiberationSerif-Bold.ttf", "Times New Roman Bold", "TimesNewRomanPS-BoldMT",
                  "Liberation Serif Bold", "Tinos Bold"),
        "Noto": (NOTO.format("700-normal"), "Noto Serif Bold", "NotoSerif-Bold")}),
    ("Sans", "source-sans-3-latin-400-normal", 400, "normal", {
        "Arial": ("LiberationSans-Regular.ttf", "Arial", "ArialMT", "Liberation Sans", "Arimo"),
        "Roboto": (ROBOTO.format("400-normal"), "Roboto", "Roboto-Regular")}),
    ("Sans", "source-sans-3-latin-600-normal", 600, "normal", {
        "Arial": ("LiberationSans-Bold.ttf", "Arial Bold", "Arial-BoldMT", "Liberation Sans Bold", "Arimo Bold"),
        "Roboto": (ROBOTO.format("700-normal"), "Roboto Bold", "Roboto-Bold")}),
]  # fmt: skip
GROUPS, EVEN, KERNED = (
    5,
    0.06,
    0.996,
)  # kerning, which measures of single letters leave out, takes four thousandths of a line
# letters, Greek, both in italics as <mi> has them, and signs
LETTERS = [*range(0x20, 0x7F), *range(0x391, 0x3CA), 0x3D5, 0x210E, *range(0x1D434, 0x1D468), *range(0x1D6E2, 0x1D71C)]
SIGNS = "\xa0¬¯±·×÷ˆ˜‖…′‾\u2061\u2062\u2063←→↔⇒∀∂∃∅∈∉∏∑−∖√∝∞∣∥∧∨∩∪∫∼≈≠≡≤≥⊂⊆⋅⋯⌈⌉⌊⌋⏞⏟"


def wide(font: TTFont, letter: str) -> float:
    return font["hmtx"][font.getBestCmap()[ord(letter)]][0] / font["head"].unitsPerEm


def alike(ours: TTFont, theirs: TTFont, often: Counter) -> list[tuple[float, str]]:
    """Letters in GROUPS by how much wider ours are, each with that measure; the space, which nobody sees, by itself.

    One measure for all would be off by a fiftieth in a line, which then breaks elsewhere when the fonts come; but a
    word whose letters differ in height by more than EVEN cannot be looked at.
    """
    seen = [letter for letter in often if letter != " "]
    ratio = {letter: wide(ours, letter) / wide(theirs, letter) for letter in often}
    weight = {letter: often[letter] * wide(theirs, letter) for letter in seen}
    ranked = sorted((letter for letter in often.elements() if letter != " "), key=ratio.get)
    centres = [ratio[ranked[len(ranked) * (2 * i + 1) // (2 * GROUPS)]] for i in range(GROUPS)]
    for _ in range(50):  # k-means, in one dimension
        groups = [[] for _ in centres]
        for letter in seen:
            groups[min(range(GROUPS), key=lambda i: abs(centres[i] - ratio[letter]))].append(letter)
        centres = [sum(ratio[x] * weight[x] for x in group) / sum(weight[x] for x in group) for group in groups]
    target = sum(ratio[x] * weight[x] for x in seen)
    mean = target / sum(weight.values())
    centres = [min(max(centre, mean * (1 - EVEN)), mean * (1 + EVEN)) for centre in centres]
    width = sum(centre * weight[x] for centre, group in zip(centres, groups, strict=True) for x in group)
    scale = KERNED * target / width  # the whole is as wide as ours again
    found = [(centre * scale, "".join(sorted(group))) for centre, group in zip(centres, groups, strict=True)]
    return [*found, (ratio[" "], " ")]


def stand_in(ours: TTFont, ratio: float) -> str:
    """Their letters at our width, our line at our height."""
    up, down = (abs(height) / ours["head"].unitsPerEm / ratio for height in (ours["hhea"].ascent, ours["hhea"].descent))
    return f"size-adjust: {ratio:.2%}; ascent-override: {up:.2%}; descent-override: {down:.2%}; line-gap-override: 0%"


def mathematics(source: Path) -> str:
    """The letters and signs of formulas, with the larger forms that a table of the font names."""
    options = Options()
    options.flavor, options.layout_features = "woff2", ["ssty", "flac", "dtls", "ccmp"]
    options.hinting, options.name_IDs, options.glyph_names = False, [0, 1, 2, 3, 4, 5, 6, 13, 14], False
    font, subsetter = TTFont(source, recalcTimestamp=False), Subsetter(options)
    subsetter.populate(unicodes=LETTERS, text=SIGNS)
    subsetter.subset(font)
    font.flavor = "woff2"
    font.save(OURS / "stix-two-math.woff2")
    return ", ".join(_ranges(sorted(font.getBestCmap())))


def _ranges(codes: list[int]) -> list[str]:
    found = []
    for code in codes:
        if found and found[-1][1] == code - 1:
            found[-1][1] = code
        else:
            found.append([code, code])
    return [f"U+{first:X}" + (f"-{last:X}" if last > first else "") for first, last in found]


def main(folder: Path) -> None:
    cells = (json.loads(path.read_text(encoding="utf-8"))["cells"] for path in sorted((ROOT / "book").rglob("*.ipynb")))
    lines = "".join(
        "".join(cell["source"]) + "\n" for page in cells for cell in page if cell["cell_type"] == "markdown"
    )
    prose = " ".join(
        re.sub(r"\{.+?\}`.+?`|[`*_]|\]\(.*?\)", "", line) for line in lines.splitlines() if line[:1].isalpha()
    )
    often = Counter(letter for letter in prose if letter in "’–" or " " <= letter <= "~")
    often.update(dict.fromkeys("0123456789", len(prose) // 300))  # tables and charts are full of them
    for ours, file, weight, style, others in FACES:
        for name, (measured, *names) in others.items():
            face = TTFont(OURS / f"{file}.woff2")
            theirs = TTFont(folder / measured if "/" in measured else LIBERATION / measured)
            places = ", ".join(f'local("{name}")' for name in names)
            for ratio, letters in alike(face, theirs, often):
                print(
                    f'@font-face {{ font-family: "Casebook {ours} as {name}"; src: {places}; font-weight: {weight}; '
                    f"font-style: {style}; {stand_in(face, ratio)}; "
                    f"unicode-range: {', '.join(_ranges(sorted(map(ord, letters))))}; }}"
                )
    ranges = mathematics(folder / "stix-two-math/package/files/stix-two-math-latin-400-normal.woff2")
    print(
        '@font-face { font-family: "Casebook Math"; src: url(fonts/stix-two-math.woff2) format("woff2"); '
        f"font-display: swap; unicode-range: {ranges}; }}"
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
