"""How often the hidden shortcut is found, and how often something is said where there is none."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from app import session
from app.experiment import drawn, recorded
from plantedu.charts.forest import forest_chart
from plantedu.statistics.evidence import Evidence
from plantedu.statistics.intervals import count_interval

ARMS = {
    "shortcut": "follows its mark",
    "left": "leaves its mark alone",
    "twin": "clean twin",
}
COMMAND = "python -m benchmarks.examine"


def alarms() -> None:
    """The recorded benchmark of planted shortcuts."""
    recorded("12_examine", dict, _show)


def _show(found: Mapping[str, Any], key: str) -> None:
    mark = found["mark"]
    cases = mark["cases"]
    n, drawn_in_all = len(cases["shortcut"]), mark.get("drawn", len(cases["shortcut"]))
    st.markdown(
        f"{drawn_in_all} small ResNets were fine-tuned on leaves with a mark that goes with the "
        f"disease; do() says that {n} of them follow it. `examine` named it for "
        f"**{mark['hits']} of {n}**, and named something for **{mark['false_alarms']} of {n}** "
        "clean twins, in whose pictures the mark stands at random." + _partly(mark)
    )
    drawing = forest_chart(lines(mark), unit="share of networks", dark=session.dark())
    drawn(drawing, f"{key} alarms", COMMAND, name="examine", words=True)
    with st.expander("Each network"):
        rows = [_row(ARMS[arm], one) for arm in ARMS for one in cases.get(arm, ())]
        st.dataframe(rows, hide_index=True, alt="What was found for each network")


def _partly(mark: Mapping[str, Any]) -> str:
    """What was said of networks that mostly leave their mark alone."""
    left = mark["cases"].get("left", ())
    if not left:
        return ""
    most = max(one["used"] for one in left)
    return (
        f" Of the {len(left)} others, which follow it in at most {most:z.2f} of the leaves, it was "
        f"named for {mark['reported_unfollowed']}."
    )


def lines(mark: Mapping[str, Any]) -> list[tuple[str, Evidence]]:
    """Found and false alarms as shares, each with its count's interval."""
    found = [("found", Evidence(**_plain(mark["found"])))]
    n = found[0][1].n
    alarm = Evidence(
        question="For how many clean twins is anything reported?",
        value=mark["false_alarms"] / n,
        null=0.05,
        control="the level that each report states",
        n=n,
        seeds=n,
        interval=count_interval(mark["false_alarms"], n),
    )
    return [*found, ("false alarms", alarm)]


def _plain(found: Mapping[str, Any]) -> dict[str, Any]:
    low, high = found["interval"]
    return {**found, "interval": (low, high)}


def _row(arm: str, one: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "network": f"{arm}, seed {one['seed']}",
        "classified correctly": f"{one['right']:z.2f}",
        "names that do(mark) changes": f"{one['used']:z.2f}",
        "reported": ", ".join(one["found"]) or "nothing",
        "best place in the pictures alone": f"{one['named'][0]}, p = {one['named'][1]:z.3f}",
    }
