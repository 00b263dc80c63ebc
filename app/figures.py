"""The committed pictures of lessons: on the page's own paper, read and made smaller once."""

import re
from base64 import b64encode
from functools import lru_cache
from io import BytesIO
from pathlib import Path

import numpy as np
import streamlit as st
from PIL import Image
from PIL.Image import Resampling

from app import session
from app.glance import changed
from plantedu.charts.palette import at_night, by_day
from plantedu.course.blocks import Figure

READING = 760  # widest column of text, in pixels
WIDEST = 1460  # pixels of a picture; a wider one is made smaller by Streamlit
ENLARGED = 1.35  # of drawn figures: their text of 10 becomes one of 13.5 pixels
NARROW = 437  # pixels as drawn; on a phone a wider one scrolls, where its text would be below 8
WIDE = "wide figure"  # such ones, for the style of a page


def figure(block: Figure, caption: str) -> None:
    """A committed picture; its words alone where the file is not there yet."""
    path = session.LESSONS / block.path
    if not (written := changed(path)):
        st.caption(f"{block.alt} ({path.name} is not on this machine.) {caption}")
        return
    if path.suffix == ".svg":
        shown, width = _drawn(path, written, session.dark())
        key = f"{WIDE} {path.stem}" if width > ENLARGED * NARROW else None
        with st.container(width=width, key=key):  # on a phone an image of it would be wider
            st.image(shown, caption=caption, alt=block.alt, width="stretch")
    else:
        st.image(picture(path), caption=caption, alt=block.alt, width="stretch")


def picture(path: Path) -> bytes:
    """A committed picture as Streamlit would make it at every run of a page, made once."""
    return _ready(path, changed(path))


def png(image: np.ndarray) -> bytes:
    """A picture without loss, encoded once; of an array `st.image` makes a JPEG at every run.

    Args:
        image: height x width x 3, or height x width, of 0 to 255 as whole numbers.
    """
    return _png(np.ascontiguousarray(image, dtype=np.uint8).tobytes(), image.shape)


@lru_cache(maxsize=256)
def _png(values: bytes, shape: tuple[int, ...]) -> bytes:
    file = BytesIO()
    Image.fromarray(np.frombuffer(values, dtype=np.uint8).reshape(shape)).save(file, "PNG")
    return file.getvalue()


@lru_cache(maxsize=16)
def _ready(path: Path, _changed: int) -> bytes:
    """A JPEG, not wider than a page shows."""
    file = BytesIO()
    with Image.open(path) as image:
        width = min(image.width, WIDEST)
        size = (width, round(image.height * width / image.width))
        image.convert("RGB").resize(size, Resampling.LANCZOS).save(file, "JPEG", quality=92)
    return file.getvalue()


@lru_cache(maxsize=64)
def _drawn(path: Path, _changed: int, dark: bool) -> tuple[str, int]:
    """A drawn figure on the page's paper as a data URL, and its width: text of one size in all."""
    svg = path.read_text(encoding="utf-8")
    svg = at_night(svg) if dark else by_day(svg)
    wide = re.search(r'<svg[^>]* width="([\d.]+)"', svg)
    width = min(READING, round(ENLARGED * float(wide[1]))) if wide else READING
    return f"data:image/svg+xml;base64,{b64encode(svg.encode()).decode()}", width
