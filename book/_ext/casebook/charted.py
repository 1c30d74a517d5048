"""What a notebook that leaves the book stores of a chart: a picture that every viewer shows, and the chart itself."""

from __future__ import annotations

import hashlib
import json
import os
import struct
import zlib
from base64 import b64encode

import numpy as np
import vl_convert

from casebook import vegafigure
from sibmodels import charts

COLOURS = 256  # of a palette
STEPS = (1, 3, 5, 15, 17)  # how far shades are drawn together until a palette holds them; each divides 255


def redraw(output) -> bool:
    """Put picture and specification in place of the page that Altair leaves; False if the output is no chart."""
    shown = output.get("data", {}).get("text/html", "")
    if "altair-viz-" not in shown:
        return False
    paper = charts.on_paper(vegafigure.spec_of(shown))
    output["data"] = {
        "text/plain": paper["description"],
        "image/png": b64encode(picture(paper)).decode(),
        charts.VEGA_LITE: paper,
    }
    output["metadata"] = {"image/png": {"width": charts.WIDE, "alt": paper["description"]}}
    return True


def picture(paper: dict) -> bytes:
    """A chart as PNG, in the book's typeface; drawn once, and kept with the site's own pictures."""
    key = hashlib.sha256(vegafigure.drawn_with() + json.dumps(paper, sort_keys=True).encode()).hexdigest()[:24]
    kept = vegafigure.KEPT / f"{key}.png"
    if not kept.is_file():
        vl_convert.register_font_directory(str(vegafigure.FONTS))
        kept.parent.mkdir(parents=True, exist_ok=True)
        part = kept.with_suffix(f".{os.getpid()}")
        part.write_bytes(smaller(vl_convert.vegalite_to_png(paper, scale=charts.SCALE)))
        part.replace(kept)
    return kept.read_bytes()


def smaller(png: bytes) -> bytes:
    """The same picture in an eighth of the bytes: a palette in place of four bytes a pixel, and packed well.

    Raises
    ------
    ValueError
        If it is not a picture as vl-convert writes it: four bytes a pixel, each row as differences along itself.
    """
    width, height, depth, kind = struct.unpack(">IIBB", png[16:26])
    packed = b"".join(content for name, content in _chunks(png) if name == b"IDAT")
    rows = np.frombuffer(zlib.decompress(packed), np.uint8).reshape(height, -1)
    if (depth, kind) != (8, 6) or not np.isin(rows[:, 0], (0, 1)).all():
        raise ValueError("png: it must have four bytes a pixel and rows as they are or as differences along them")
    pixels = rows[:, 1:].reshape(height, width, 4)
    summed = np.cumsum(pixels, axis=1, dtype=np.uint8)
    rgb = np.where(rows[:, :1, None] == 1, summed, pixels)[..., :3].astype(np.uint32)
    for step in STEPS:
        near = (rgb + step // 2) // step
        palette, places = np.unique(near[..., 0] << 16 | near[..., 1] << 8 | near[..., 2], return_inverse=True)
        if len(palette) <= COLOURS:
            break
    else:
        return png
    colours = np.stack([palette >> 16, palette >> 8 & 255, palette & 255], axis=1) * step
    body = np.concatenate([np.zeros((height, 1)), places.reshape(height, width)], axis=1).astype(np.uint8)
    parts = [
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
        (b"PLTE", colours.astype(np.uint8).tobytes()),
        (b"IDAT", zlib.compress(body.tobytes(), 9)),
        (b"IEND", b""),
    ]
    return png[:8] + b"".join(_chunk(name, content) for name, content in parts)


def _chunks(png: bytes):
    at = 8
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        yield png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        at += length + 12


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
