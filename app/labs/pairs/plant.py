"""One plant before both cameras: move factors with do(), see the pictures and what moved."""

import streamlit as st

from app import rendered_plants
from app.captions import caption
from app.figures import png
from plantedu.charts.palette import NAMES
from plantedu.data.renderer.factors import SENSORS, Factor, factor
from plantedu.data.renderer.pairs import Pairs
from plantedu.topics.pairs.results.sensitivity import Effect, compared, difference

READING = 760
SIZE = 224  # pixels a side of a picture on a page
TEXT = {"rgb": ":blue[**RGB**]", "rgn": ":orange[**RGN**]"}


def two_cameras(key: str, *, world: str, plant: int, choices: tuple[str, ...]) -> None:
    """A choice of factors, one slider, both pictures, and what moved."""
    with st.container(width=READING):
        name = st.segmented_control(
            "Factor", choices, default=choices[0], required=True, key=f"{key} factor"
        )
        f = factor(name or choices[0])
        value = set_to(f, rendered_plants.factors(world, plant), key)
        before, after = both(world, plant, ((f.name, value),))
        with st.grid(2, min_column_width=150):
            for sensor in SENSORS:
                with st.container():
                    picture(after, sensor, f"with {f.name} = {_short(value)}")
                    moved(compared(before, after, sensor, f.name))


def intervene(world: str, plant: int, chosen: list[str]) -> None:
    """Sliders for the chosen factors; each camera before, after, and where it moved."""
    drawn = rendered_plants.factors(world, plant)
    with st.grid(3, min_column_width=230, gap=("xsmall", "medium")):
        do = tuple((name, set_to(factor(name), drawn, "do")) for name in chosen)
    before, after = both(world, plant, do)
    said = ", ".join(f"{name} = {_short(value)}" for name, value in do) or "nothing"
    for sensor in SENSORS:
        moved(compared(before, after, sensor, said))
        with st.container(width=READING), st.grid(3, min_column_width=100, gap="xsmall"):
            for name, pairs in (("as drawn", before), (f"do({said})", after)):
                with st.container():
                    picture(pairs, sensor, name)
                    caption(name)
            with st.container():
                difference_picture(before, after, sensor)
                caption("what moved, 4 times as bright")
    dead = [int(pairs.lesions1.sum()) for pairs in (before, after)]
    st.markdown(
        f"Pixels of dead tissue in the RGB mask: **{dead[0]}** as drawn, **{dead[1]}** after do()."
    )


def both(world: str, plant: int, do: rendered_plants.Do) -> tuple[Pairs, Pairs]:
    """The plant as drawn, and after do()."""
    return rendered_plants.pair(world, plant, SIZE), rendered_plants.pair(world, plant, SIZE, do)


def set_to(f: Factor, drawn: dict[str, float], key: str) -> float | str:
    """A slider or a choice for one factor; it starts at the plant's own value."""
    label = f"do({f.name}): {f.meaning}" + (f", in {f.unit}" if f.unit else "")
    own = drawn[f.columns[0]]
    if f.levels:
        level = st.segmented_control(
            label, f.levels, default=f.levels[int(own)], required=True, key=f"{key} {f.name}"
        )
        return level or f.levels[int(own)]
    step = 1.0 if f.whole else round((f.high - f.low) / 100, 3)
    shown = round(float(own), 2)
    value = st.slider(label, float(f.low), float(f.high), shown, step, key=f"{key} {f.name}")
    return float(own) if value == shown else value


def _short(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:.4g}"


def picture(pairs: Pairs, sensor: str, what: str) -> None:
    """One sensor's picture of the first plant."""
    image = pairs.x1[0] if sensor == "rgb" else pairs.x2[0]
    alt = f"Leaf {pairs.plants[0]} seen by the {NAMES[sensor]} camera, {what}"
    st.image(png(image.transpose(1, 2, 0)), width="stretch", alt=alt)


def difference_picture(before: Pairs, after: Pairs, sensor: str) -> None:
    """Where the picture moved, four times as bright."""
    alt = f"Absolute difference of the two {NAMES[sensor]} pictures, four times as bright"
    st.image(png(difference(before, after, sensor)), width="stretch", alt=alt)


def moved(effect: Effect) -> None:
    """The change beside its null, in words."""
    found = effect.evidence
    verdict = "some values move" if effect.seen else "no value moves"
    st.markdown(
        f"{TEXT[effect.sensor]} {verdict}: mean change **{found.value:z.2f}** of 255, "
        f"{found.control} {found.null:z.2f}"
    )


def own_value(world: str, plant: int) -> None:
    """The null of do(): a factor set to the value that it has."""
    own = tuple(
        (column, rendered_plants.factors(world, plant)[column])
        for column in ("chlorophyll", "light_rgb")
    )
    before, after = both(world, plant, own)
    for sensor in SENSORS:
        found = compared(before, after, sensor, "own value")
        st.markdown(
            f"{TEXT[sensor]} a factor set to the value that it has (chlorophyll, light): largest "
            f"change **{found.largest:z.0f}**; {found.evidence.control}: mean change "
            f"{found.evidence.null:z.2f} of 255"
        )
