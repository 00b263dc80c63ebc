"""Two recorded comparisons: what a leaked split claims, and what ELP as a regulariser buys."""

import streamlit as st

from app import session
from app.captions import caption
from app.page import downloads, draw
from plantedu.charts.forest import forest_chart
from plantedu.course.family import elp_lines, leak_lines, seeds_of
from plantedu.errors import PlantEduError

MEASURES = {"accuracy": "accuracy", "log_loss": "log loss, nats", "ece": "calibration error"}


def leaked_split() -> None:
    """What a validation set says beyond what fresh plants say, split by image and by plant."""
    try:
        found = session.results("04_leak")
        lines = leak_lines(found)
    except PlantEduError as error:
        st.info(str(error))
        return
    unit = "claimed minus fresh accuracy"
    drawing = forest_chart(lines, unit=unit, zero=True, dark=session.dark())
    draw(drawing, "leaked split")
    caption(
        "Right of 0, the validation images promise more than fresh plants keep. Bars: 95 % over "
        f"{seeds_of(lines)}. Grey tick: {lines[0][1].control}. Shuffled: "
        "labels shuffled by plant, so that only who recognises a plant is right. "
        f"n = {lines[0][1].n} plants."
    )
    downloads(drawing, "leaked-split", str(found.get("command", "")), "leak")


def regularised() -> None:
    """Each arm against none, paired by seed; the null arms are drawn like the others."""
    try:
        found = session.results("04_elp")
        settings = list(found["table"])
    except PlantEduError as error:
        st.info(str(error))
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        setting = st.segmented_control(
            "Start", settings, default=settings[0], required=True, key="elp setting"
        )
        measure = st.segmented_control(
            "Measure",
            list(MEASURES),
            default="accuracy",
            required=True,
            format_func=lambda name: MEASURES[name],
            key="elp measure",
        )
    lines = elp_lines(found, measure or "accuracy")[setting or settings[0]]
    unit = f"change of {MEASURES[measure or 'accuracy']}"
    drawing = forest_chart(lines, unit=unit, zero=True, dark=session.dark())
    draw(drawing, "elp")
    better = "Right" if measure == "accuracy" else "Left"
    caption(
        f"{better} of 0 is better than {lines[0][1].control}. Bars: 95 % (Student's t) over "
        f"{seeds_of(lines)}; n = {lines[0][1].n} fresh plants. Nulls: shuffled ELP "
        "weights, a monitor that adds nothing to the loss, label smoothing of the same strength."
    )
    downloads(drawing, "elp-sr", str(found.get("command", "")), "elp")
