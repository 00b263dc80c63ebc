"""Look at what was drawn: the grid of each camera, where samples differ, one of them large."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import streamlit as st

from app.captions import caption
from app.experiment import command
from plantedu.serialization import revived
from plantedu.store.run import Run
from plantedu.topics.generation.results.close_up import (
    WHITE,
    close_up,
    deviation_map,
    halves,
    read_pictures,
)
from plantedu.topics.generation.results.generate import Settings, places_of

CAMERAS = {"x1": "RGB (X1)", "x2": "RGN (X2)"}
WIDE = 420  # pixels: a grid on the page, both cameras side by side


def made_by(run: Run) -> str:
    """The command that draws a run's pictures."""
    return command("generate", settings_of(run.result or {}))


def settings_of(result: Mapping[str, Any]) -> Settings:
    """What a result was asked."""
    return revived(Settings, result["settings"])


def row(pictures: dict[str, bytes], alt: str, *, width: int = WIDE) -> None:
    """What belongs to each camera, side by side where there is room."""
    with st.container(horizontal=True):
        for name, data in pictures.items():
            words = CAMERAS[name]
            with st.container(width=width):  # and no wider than a phone
                st.image(data, caption=words, alt=f"{alt}, {words}", width="stretch")


def newest(folder: Path) -> dict[str, Path]:
    """The final grid of each sensor, or its latest preview."""
    found = {}
    for name in ("x1", "x2"):
        previews = sorted((folder / "grid").glob(f"*-{name}.png"))
        final = folder / f"{name}.png"
        if final.is_file() or previews:
            found[name] = final if final.is_file() else previews[-1]
    return found


def where_they_differ(run: Run, folder: Path) -> None:
    """The standard deviation of each pixel over the samples."""
    pictures, _ = read_pictures(folder / "pictures.npz")
    samples = pictures.shape[1]
    place = _place(run)
    row(deviation_map(pictures, place), f"Where the samples differ, {run.name}")
    caption(
        f"Black: all {samples} samples agree there. White: they differ by {WHITE} grey "
        "levels or more (standard deviation): the representation leaves that place open. *Kept and "
        "let go* counts it beside what do() moves."
    )


def one_large(run: Run, folder: Path) -> None:
    """The source and one drawn picture, each 512 pixels a side, from one camera to the other."""
    pictures, sources = read_pictures(folder / "pictures.npz")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        place = _place(run)
        if run.request.get("kind") == "pairs":  # X2 is another plant's in each place
            sources = sources[[0, 1 + place]]
        samples, bands, side = pictures.shape[1:4]
        one = f"Sample {run.id}"
        sample = st.slider("Sample", 1, samples, 1, key=one, width=180) - 1 if samples > 1 else 0
        blend = 0.0
        if bands > 3:
            blend = st.slider(
                "From RGB (0) to RGN (1)", 0.0, 1.0, 0.0, 0.05, key=f"blend {run.id}", width=260
            )
    which: dict[str, Any] = {"place": place, "sample": sample, "blend": blend}
    where = places_of(str(run.request.get("kind", "one")))[place]
    alone = "; it saw this one alone" if bands > 3 and len(sources) == 1 else ""
    says = [f"what the encoder saw{alone}"] if len(sources) else []
    says.append(f"drawn{f', {where}' if where else ''}")
    with st.container(horizontal=True):
        for words, data in zip(says, halves(pictures, sources, **which), strict=True):
            with st.container(width=WIDE):  # below each other on a phone
                alt = f"{words}, {run.name}, sample {sample + 1}"
                st.image(data, caption=f"{words}; {side} x {side} pixels", alt=alt, width="stretch")
    whole = partial(close_up, pictures, sources, **which, made_by=made_by(run))
    st.download_button(
        "This picture (png)", whole, f"close-up-{run.id}.png", key=f"large {run.id}",
        on_click="ignore", type="tertiary", icon=":material/download:",
    )  # fmt: skip


def _place(run: Run) -> int:
    """Which place of a walk or an interpolation, by its name; the only one elsewhere."""
    names = places_of(str(run.request.get("kind", "one")))
    if len(names) == 1:
        return 0
    return names.index(st.select_slider("Place", names, key=f"place {run.id}", width=260))
