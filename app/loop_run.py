"""A run of somebody's own loop, as `ELP(..., show="app")` writes it, or a log that was imported."""

from collections.abc import Sequence

import streamlit as st

from app import session
from app.page import draw
from plantedu.charts.loop_curves import AXES, layers_in, loop_chart, loop_loss_chart, others_chart
from plantedu.charts.tables import Runs
from plantedu.store.run import Event

QUIET = ("start", "paused", "resumed")  # bookkeeping


def curves(series: Runs, events: Sequence[Event], *, over: bool) -> None:
    """Loss, probes beside their nulls, and whatever else the loop logged."""
    look, marked = {"dark": session.dark()}, [one for one in events if one.name not in QUIET]
    if not series:
        if not over:
            st.caption("The first point comes with the first batch.")
        return
    if "loss" in series:
        draw(loop_loss_chart(series, marked, **look), "loop loss chart")
    if layers_in(series):
        st.subheader("What a linear probe reads on each layer", anchor=False)
        st.markdown(
            ":small[Solid: the probe, running mean. :gray[**Grey**]: shuffled labels. Dashed: the "
            "random-init twin. Dotted: chance. Upright: the probes start anew.]"
        )
        draw(loop_chart(series, marked, **look), "loop probe chart")
    for name in others_in(series):
        draw(others_chart(series, name, **look), f"loop {name}")
    with st.expander("What the axes are"):
        st.table({"": list(AXES), "is": list(AXES.values())})


def others_in(series: Runs) -> list[str]:
    """Keys that no chart above draws, at most six."""
    known = {key.split("/")[0] for key in AXES}
    return [name for name in series if name.split("/")[0] not in known][:6]
