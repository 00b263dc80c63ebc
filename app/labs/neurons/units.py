"""Units: what they tell, the plants at their top beside twins, four kinds of encoder, and use."""

from typing import Any

import numpy as np
import streamlit as st

from app import session, shipped
from app.captions import caption
from app.experiment import ask, drawn, experiment_of, folded_experiment, recorded
from app.figures import png
from app.page import downloads
from plantedu.data.renderer.pairs import render
from plantedu.data.renderer.worlds import world
from plantedu.errors import PlantEduError
from plantedu.serialization import command_line
from plantedu.statistics.evidence import Evidence
from plantedu.topics.neurons.results.polysemy import PolysemyResult
from plantedu.topics.neurons.results.units import NeuronsResult, Unit, levels_apart
from plantedu.topics.neurons.results.units_chart import HEADED, groups_chart, removed_chart

RECORDED = {
    "cross": "X1 with X2 (cross-0)",
    "rgb_only": "two crops of X1 (rgb_only-0)",
    "supervised": "labels (supervised_rgb-0)",
    "random": "never trained (random:1001)",
}
NUMBERS = {
    "index": "polysemy index",
    "participation": "participation",
    "disentanglement": "disentanglement D",
    "completeness": "completeness C",
    "mig": "MIG",
    "monosemanticity": "monosemanticity score",
    "selectivity": "selectivity for disease",
    "same": "the same through both cameras",
    "false": "false alarms: tells what cannot show",
}
ORDERS = {
    "by_reader": "a unit, what a reader loses",
    "by_head": "a unit, how far the head moves",
    "by_groups": "a group, how far the head moves",
}
SENSORS = ("rgb", "rgn")


def one_unit() -> None:
    """A map of units, one of them opened."""
    name = st.segmented_control(
        "Encoder", list(RECORDED), default="cross", required=True, format_func=RECORDED.__getitem__,
        key="units of",
    )  # fmt: skip
    show = lambda found, key: _units(found, f"{key} {name}")  # noqa: E731
    recorded(f"10_units_{name or 'cross'}", NeuronsResult.from_json, show)
    with st.expander("Ask the units of another encoder, on this machine"):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            there = shipped.dissectable()
            words = st.selectbox("Encoder", there, key="own units", width=220)
            sensor = st.selectbox("through", SENSORS, key="own units sensor", width=110)
            plants = st.select_slider("Plants", (128, 256, 512, 1024), value=512, key="unit plants",
                                      width=180)  # fmt: skip
        request = {"encoder": words, "sensor": sensor, "plants": plants}
        read = NeuronsResult.from_json
        one = experiment_of("neurons", "Measure", "Half a minute.", read, _units)
        fields = {"own units": "encoder", "own units sensor": "sensor", "unit plants": "plants"}
        ask(one, request, name=f"units of {words}", controls=fields)


def used() -> None:
    """Selective beside used."""
    try:
        found = session.result_as(NeuronsResult.from_json, "10_units_cross")
        removed = session.result_as(dict, "10_removed")
        orders = session.result_as(dict, "10_used")
    except PlantEduError as error:
        st.info(str(error))
        return
    st.markdown(
        "**Groups in the network's own head.** Right: selective. Up: the head moves without them. "
        "Nothing is fitted, so the order is the same on other plants."
    )
    command = "python -m experiments.units_used run"
    drawn(groups_chart(orders, dark=session.dark()), "groups", command, words=True)
    st.dataframe(
        [_order(kind, name, by[name]) for kind, by in orders["means"].items() for name in ORDERS],
        hide_index=True,
        alt="Rank correlation of selectivity and effect with the reliability of each order",
    )
    st.markdown(
        "**One unit at a time, by a fitted reader.** Right: selective. Up: its reader of disease "
        "loses by it. Fitted to other plants, the reader chooses other units: an order that does "
        "not agree with itself agrees with nothing."
    )
    drawn(
        found.used_chart(dark=session.dark()),
        "used",
        f"python -m plantedu neurons units {command_line(found.settings)}",
        words=True,
    )
    st.markdown("**Many units.** A reader that stays as it is, and one that is fitted again.")
    drawing = removed_chart(removed, "disease", dark=session.dark())
    drawn(drawing, "removed", "python -m experiments.neurons units", words=True)


def _order(kind: str, name: str, one: Any) -> dict[str, str]:
    low, high = one["interval"]
    whole = one["corrected"]
    return {
        "encoders": HEADED[kind],
        "effect": ORDERS[name],
        "agrees with selectivity": f"{one['value']:+z.2f} [{low:+z.2f}, {high:+z.2f}]",
        "by luck": f"{one['null']:+z.2f}",
        "reliability": f"{one['reliability']:z.2f}",
        "corrected": "none: too unreliable" if whole is None else f"{whole:+z.2f}",
    }


def four_kinds() -> None:
    """Four kinds of encoder with their seeds."""
    recorded("10_polysemy", PolysemyResult.from_json, _kinds)
    with folded_experiment("Compare them again, on this machine", "polysemy"):
        plants = st.select_slider("Plants", (128, 256, 512, 1024), value=256, key="kinds plants")
        takes = "A few minutes: the units of twelve encoders."
        one = experiment_of("polysemy", "Compare", takes, PolysemyResult.from_json, _kinds)
        name = f"four kinds of encoder, {plants} plants"
        ask(one, {"plants": plants}, name=name, controls={"kinds plants": "plants"})


def _kinds(found: PolysemyResult, key: str) -> None:
    """One number of every encoder, and how far the kinds are apart in it."""
    name = st.selectbox(
        "Number", list(NUMBERS), format_func=NUMBERS.__getitem__, key=f"{key} kinds number"
    )
    command = f"python -m plantedu neurons polysemy {command_line(found.settings)}"
    drawn(found.chart(name, dark=session.dark()), f"{key} kinds {name}", command, words=True)
    st.markdown("**Cross less each other kind**, with 95 % over seeds (Welch):")
    st.dataframe(
        [_apart(kind, one) for kind, one in found.differences[name].items()],
        hide_index=True,
        alt=f"Difference of {NUMBERS[name]} between the cross-sensor encoders and other kinds",
    )


def _apart(kind: str, one: Evidence) -> dict[str, str]:
    low, high = one.interval or (float("nan"), float("nan"))
    holds = "yes" if low <= 0 <= high else "no"
    return {
        "cross less": kind,
        "difference": f"{one.value:+z.3f}",
        "interval": f"{low:+z.3f} to {high:+z.3f}",
        "no difference is inside": holds,
        "seeds": str(one.seeds),
    }


def _units(found: NeuronsResult, key: str) -> None:
    """The map, and the unit that the learner opens."""
    drawing = found.chart(dark=session.dark())
    st.vega_lite_chart(
        drawing.rows,
        drawing.on_page(dark=session.dark()),
        key=f"{key} map",
        alt=drawing.alt,
        width="content",
    )
    caption(drawing.alt)
    command = f"python -m plantedu neurons units {command_line(found.settings)}"
    downloads(drawing, "units", command, f"{key} map")
    first = found.chosen()
    shown = {one.number for one in first}
    rest = [one for one in found.units if one.number not in shown]
    best = [*first, *sorted(rest, key=lambda one: -max(one.excess))]
    number = st.selectbox(
        f"Open a unit ({len(found.units)} alive, {found.dead} dead; those of the map first)",
        [one.number for one in best],
        key=f"{key} unit",
    )
    unit = found.unit(number)
    drawn(found.unit_chart(number, dark=session.dark()), f"{key} one", command, words=True)
    above = f" · **the network's own head moves** {unit.moved:z.4f} of its spread"
    above = above if found.head else ""
    st.markdown(
        f"**Monosemanticity** {unit.monosemanticity:z.2f} (any order: "
        f"{found.numbers['monosemanticity'].null:z.2f}) · **selectivity for "
        f"{found.settings.use}** {unit.selectivity:z.2f} · **its reader loses** "
        f"{unit.effect:+z.3f} R2{above}"
    )
    _rows(found, unit)


def _rows(found: NeuronsResult, unit: Unit) -> None:
    """The plants at the top, and their twins of equal mean."""
    sensor, rows = SENSORS.index(found.settings.sensor), []
    for title, plants in (("Fires most", unit.tops), ("Twins of near mean colour", unit.twins)):
        caption(title)
        rows.append(_pictures(found.settings.data, sensor, tuple(plants)))
        with st.container(horizontal=True, gap="small"):
            for plant, picture in zip(plants, rows[-1], strict=True):
                st.image(png(picture), alt=f"{title}: plant {plant}", width=96)
    caption(
        f"The upper row fires {unit.score:z.1f} standard deviations more than the lower one. What "
        "both rows share, the unit is not about. A twin differs from the plant above it by at most "
        f"{levels_apart(*rows):z.1f} of 255 grey levels in the mean of a channel: the further, the "
        "more the unit may be about colour alone."
    )


@st.cache_data(max_entries=64, show_spinner=False)
def _pictures(name: str, sensor: int, plants: tuple[int, ...]) -> list[np.ndarray]:
    pairs = render(world(name), list(plants), size=64)
    return [one.transpose(1, 2, 0) for one in (pairs.x1, pairs.x2)[sensor]]
