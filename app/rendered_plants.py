"""Plants and folders that pages render while one waits, kept for the next click."""

import base64
import io
import tempfile
from collections import Counter
from pathlib import Path

import numpy as np
import streamlit as st
from PIL import Image

from plantedu.data.challenge.audit import Audit, audit_folder
from plantedu.data.challenge.render_folder import write_folder
from plantedu.data.renderer.pairs import Pairs, render
from plantedu.data.renderer.worlds import draw_factors, world

FOLDER = {"pairs": 32, "size": 64}

Do = tuple[tuple[str, float | str], ...]


@st.cache_resource(max_entries=200, show_spinner=False)  # shared: nobody writes to it
def pair(name: str, plant: int, size: int, do: Do = ()) -> Pairs:
    """One plant of a world in both cameras."""
    return render(world(name), [plant], size=size, do=dict(do))


@st.cache_resource(max_entries=200, show_spinner=False)
def factors(name: str, plant: int) -> dict[str, float]:
    """What was drawn for one plant, by column."""
    drawn = draw_factors(world(name), np.array([plant]))
    return {column: values[0].item() for column, values in drawn.items()}


@st.cache_data(max_entries=4, show_spinner="Rendering a folder and reading every file of it")
def audited(pairs: int, size: int, leak: bool) -> tuple[Audit, dict[str, int]]:
    """Findings in a rendered challenge folder, and the leaks that were planted in it."""
    with tempfile.TemporaryDirectory() as place:  # looked at once; the home may be full
        folder = Path(place) / f"folder-{pairs}-{size}-{'leaky' if leak else 'honest'}"
        written = write_folder(world("field"), folder, pairs=pairs, size=size, leak=leak)
        planted = Counter(place.leak for place in written.places if place.leak)
        return audit_folder(folder, near=True), dict(planted)


@st.cache_data(max_entries=8, show_spinner="Rendering the plants of the map")
def thumbnails(name: str, seed: int, plants: tuple[int, ...], size: int = 24) -> list[str]:
    """The RGB picture of each plant as an address that a chart can show."""
    pairs = render(world(name, seed), list(plants), size=size)
    return [_address(image.transpose(1, 2, 0)) for image in pairs.x1]


def _address(picture: np.ndarray) -> str:
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "WEBP", quality=70)
    return "data:image/webp;base64," + base64.b64encode(file.getvalue()).decode()
