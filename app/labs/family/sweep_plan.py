"""Plan a sweep under a budget: how many runs, how long, and what so few seeds cannot tell apart."""

import json
import math
from collections.abc import Sequence

import streamlit as st

from app import shipped
from app.captions import caption
from app.numbers import whole_number
from plantedu.charts.tables import minutes
from plantedu.errors import PlantEduError
from plantedu.store.curves import Curves
from plantedu.sweeps.grid import Grid, GridRow, checked, rows_of
from plantedu.sweeps.power import luck_of_the_best, pace, smallest_difference, spread_of

BASE = {
    "pairs": 2048,
    "batch": 64,
    "learning_rate": 0.003,
    "probe_every": 40,
    "probe_plants": 256,
    "probe_seeds": 2,
    "probe_factors": ["disease"],
}
SIZES = {
    "32 px, crops 24": [32, 24],
    "48 px, crops 32": [48, 32],
    "64 px, crops 24": [64, 24],
    "64 px, crops 40": [64, 40],
    "128 px, crops 96": [128, 96],
}
ENCODERS = ("res2next_tiny", "res2next_small", "res2next50", "resnet18")
STARTS = ("scratch", "source", "shipped:cross-0", "imagenet")
READ = "probe/disease/both"


def plan(sixty: str) -> None:
    """Knobs, seeds and a budget; what the sweep costs and can tell; its file and its command."""
    with st.grid(3, min_column_width=230):
        encoders = st.multiselect("Encoders", ENCODERS, ENCODERS[:1], key="plan encoders")
        starts = st.multiselect("Starts", STARTS, STARTS[:2], key="plan starts")
        sizes = st.multiselect("Picture and crop", list(SIZES), list(SIZES)[:2], key="plan sizes")
        seeds = st.slider("Seeds of each setting", 1, 10, 2, key="plan seeds")
        steps = st.select_slider("Steps", (60, 120, 240, 600, 1200), 240, key="plan steps")
        budget = whole_number("Budget, minutes", 1, 6000, value=60, key="plan budget")
    try:
        grid = grid_of(encoders, starts, [SIZES[size] for size in sizes], seeds, steps)
        rows = rows_of(checked(grid))
    except PlantEduError as error:
        st.warning(str(error))
        return
    curves = _measured(sixty)
    _cost(rows, curves, budget)
    _power(len(rows) // seeds, seeds, curves)
    text = json.dumps({name: getattr(grid, name) for name in Grid.__dataclass_fields__}, indent=1)
    st.download_button(
        "GRID.json",
        text + "\n",
        "GRID.json",
        "application/json",
        icon=":material/download:",
        key="grid file",
        on_click="ignore",
    )
    st.code("python -m plantedu sweep GRID.json", language="bash")


def grid_of(
    encoders: Sequence[str], starts: Sequence[str], sizes: list[list[int]], seeds: int, steps: int
) -> Grid:
    """The sweep that is planned."""
    axes = {"encoder": list(encoders), "start": list(starts), "image_size, crop_size": sizes}
    base = {**BASE, "steps": steps}
    about = "Planned on the page of lesson 04."
    return Grid("train", base, axes, list(range(seeds)), "plan", about)


def _measured(name: str) -> Curves | None:
    try:
        return shipped.curves(name)
    except PlantEduError:
        return None


def _cost(rows: list[GridRow], curves: Curves | None, budget: int) -> None:
    """Runs, and minutes as measured runs of the same size took them."""
    paces = [None if curves is None else pace(curves, row.request) for row in rows]
    known = [(row, each) for row, each in zip(rows, paces, strict=True) if each is not None]
    seconds = sum(row.request["steps"] * each for row, each in known)
    unknown = len(rows) - len(known)
    said = f"**{len(rows)} runs**, "
    said += f"about **{minutes(seconds)}** at the pace of the recorded runs" if known else ""
    if unknown:
        said += f"{', and ' if known else ''}{unknown} runs of a size whose pace was not measured"
    st.markdown(f"{said}. Your budget: {budget} minutes.")
    if known and seconds > 60 * budget:
        over = "more than your budget: take out a value, a seed, or steps."
        st.warning(f"{minutes(seconds)} is {over}", icon=":material/timer:")


def _power(settings: int, seeds: int, curves: Curves | None) -> None:
    """What luck alone does with this many seeds and settings."""
    try:
        spread = spread_of(curves, READ) if curves is not None else None
    except PlantEduError:
        spread = None
    if spread is None:
        caption("How far seeds lie apart is told here when the recorded runs are at hand.")
        return
    least = smallest_difference(spread.value, seeds)
    luck = luck_of_the_best(settings, spread.value, seeds)
    apart = (
        "With one seed each, no two settings are told apart, whatever they differ by: one seed "
        "shows no spread. Take two seeds or more."
        if math.isinf(least)
        else f"Not told apart: two settings whose disease probes differ by less than {least:z.3f}."
    )
    st.markdown(
        f"- {apart}\n"
        f"- Luck of the best: where all {settings} settings are truly alike, the best beats their "
        f"mean by {luck:z.3f} on average."
    )
    caption(
        f"Seeds of one setting lie {spread.value:z.3f} apart (standard deviation over "
        f"{spread.runs} recorded runs of {spread.settings} settings, few steps each). "
        "Longer runs may differ."
    )
