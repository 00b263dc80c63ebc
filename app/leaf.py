"""One plant before both cameras: move factors with do(), see the pictures and what moved."""

import streamlit as st

from app import shelf
from plantedu.analysis.sight import Effect, compared, difference
from plantedu.data.factors import SENSORS, Factor, factor
from plantedu.data.pairs import Pairs
from plantedu.palette import NAMES

SIZE = 224  # pixels a side of a picture on a page
TEXT = {"rgb": ":blue[**RGB**]", "rgn": ":orange[**RGN**]"}


def two_cameras(key: str, *, world: str, plant: int, choices: tuple[str, ...]) -> None:
    """A choice of factors, one slider, both pictures, and what moved."""
    with st.container(width=760):
        name = st.segmented_control(
            "Factor", choices, default=choices[0], required=True, key=f"{key} factor"
        )
        f = factor(name or choices[0])
        value = set_to(f, shelf.factors(world, plant), key)
    before = shelf.pair(world, plant, SIZE)
    after = shelf.pair(world, plant, SIZE, ((f.name, value),))
    with st.grid(2, min_column_width=150):
        for sensor in SENSORS:
            with st.container():
                picture(after, sensor, f"with {f.name} = {value}")
                moved(compared(before, after, sensor, f.name))


def set_to(f: Factor, drawn: dict[str, float], key: str) -> float | str:
    """A slider or a choice for one factor; it starts at the plant's own value."""
    label = f"do({f.name}): {f.meaning}" + (f", in {f.unit}" if f.unit else "")
    own = drawn[f.columns[0]]
    if f.levels:
        level = st.segmented_control(
            label, f.levels, default=f.levels[int(own)], required=True, key=f"{key} {f.name}"
        )
        return level or f.levels[int(own)]
    step = 1.0 if f.whole else (f.high - f.low) / 100
    return st.slider(label, float(f.low), float(f.high), float(own), step, key=f"{key} {f.name}")


def picture(pairs: Pairs, sensor: str, what: str) -> None:
    """One sensor's picture of the first plant."""
    image = pairs.x1[0] if sensor == "rgb" else pairs.x2[0]
    alt = f"Leaf {pairs.plants[0]} seen by the {NAMES[sensor]} camera, {what}"
    st.image(image.transpose(1, 2, 0), width="stretch", alt=alt)


def difference_picture(before: Pairs, after: Pairs, sensor: str) -> None:
    """Where the picture moved, four times as bright."""
    alt = f"Absolute difference of the two {NAMES[sensor]} pictures, four times as bright"
    st.image(difference(before, after, sensor), width="stretch", alt=alt)


def moved(effect: Effect) -> None:
    """The change beside its null, in words."""
    found = effect.evidence
    verdict = "it notices" if effect.seen else "nothing moves"
    st.markdown(
        f"{TEXT[effect.sensor]} {verdict}: mean change **{found.value:.2f}**, "
        f"another shot of camera noise {found.null:.2f} (in 1/255)"
    )
