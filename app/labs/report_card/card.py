"""The report card: every method of the course, graded on fresh planted worlds."""

from typing import Any

import streamlit as st

from app import folding, session
from app.experiment import ask, experiment_of, folded_experiment, recorded
from app.labs.report_card.own_method import own_method
from app.numbers import whole_number
from app.page import downloads, draw
from plantedu.serialization import command_line
from plantedu.topics.report_card.results.report_card import Grade, ReportCardResult, Settings

LOOKS = ("What is there, what is not", "Do the intervals hold?")


def card() -> None:
    """The committed card, and one of one's own on other worlds."""
    recorded("11_report_card", ReportCardResult.from_json, show)
    with folded_experiment("Examine them again, on worlds that nobody has seen", "report_card"):
        request = _request()
        with folding.folded(False):  # how long it takes answers no bet
            seconds = session.results("11_report")["seconds_a_world"]
        takes = f"About {seconds:z.0f} s of CPU a world; what is done is kept."
        one = experiment_of("report_card", "Examine", takes, ReportCardResult.from_json, show)
        ask(
            one,
            request,
            name=f"report card, {request['worlds']} worlds",
            controls={"card worlds": "worlds", "card seed": "seed"},
        )
    with st.expander("Grade a method of your own", on_change="rerun", key="own method") as part:
        if part.open:
            own_method()


def _request() -> dict[str, Any]:
    with st.container(horizontal=True):
        worlds = st.slider("Worlds", 2, 20, 5, key="card worlds")
        seed = whole_number("Seed of the first", 0, 10**6, value=1000, key="card seed")
    return {"worlds": Settings(worlds=int(worlds)).worlds, "seed": seed, "methods": []}


def show(found: ReportCardResult, key: str) -> None:
    """Two charts and the table."""
    worlds, total = found.settings.worlds, sum(found.seconds.values())
    st.markdown(
        f"**{len(found.grades)} methods on {worlds} worlds** ({total / worlds:z.0f} s of CPU a "
        "world). Green: how often a method reports what is there. Red crosses: how often it "
        "reports what is *not* there. A coin puts both at .5; a method that always says yes puts "
        "both at 1. ⚠ marks what the course warns of."
    )
    look = st.segmented_control("Look at", LOOKS, default=LOOKS[0], key=f"{key} look")
    held = look == LOOKS[1]
    drawing = (found.coverage_chart if held else found.chart)(dark=session.dark())
    draw(drawing, f"{key} card {held}")
    with st.expander("The card as a table"):
        st.dataframe([_row(g) for g in found.grades], hide_index=True, alt="Grades of all methods")
    command = f"python -m plantedu report-card {command_line(found.settings)}"
    downloads(drawing, "report-card", command, f"{key} card")


def _row(g: Grade) -> dict[str, Any]:
    low, high = g.right.interval or (g.right.value, g.right.value)
    return {
        "method": f"{g.name} ⚠" if g.trap else g.name,
        "lesson": g.lesson[:2],
        "reports": g.reports,
        "null": g.null,
        "right": f"{g.right.value:z.2f} ({low:z.2f} to {high:z.2f})",
        "false alarms": f"{g.alarms.value:z.2f}",
        "interval holds": f"{g.coverage.value:z.2f}" if g.coverage else "gives none",
        "width / truth": f"{g.width:z.2f}" if g.width is not None else "",
        "n": g.right.n,
        "verdict": g.verdict,
    }
