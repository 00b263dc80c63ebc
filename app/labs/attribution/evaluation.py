"""The report of lesson 09: what do() says, then every method and baseline on both cues."""

from typing import Any

import streamlit as st

from app import session
from app.captions import caption
from app.experiment import ask, command, drawn, experiment_of, folded_experiment, recorded
from app.put_back import Whence
from plantedu.statistics.evidence import Evidence
from plantedu.topics.attribution.results.attribution_chart import cascade_chart
from plantedu.topics.attribution.results.method_comparison import ROWS, SAYS_ROW, AttributionResult
from plantedu.topics.attribution.results.names import BASELINES, CUES, SAYS_ARM

KIND = "attribution"
REPORT = "09_report"
FIRST_ARM: Whence = (("arms",), lambda asked: asked["arms"][0])


def graded() -> None:
    """The table, and a button for one's own."""
    recorded(REPORT, AttributionResult.from_json, _table)
    with folded_experiment("Grade them again, on this machine", "attribution"):
        arm = st.selectbox(
            "Networks", list(SAYS_ARM), format_func=SAYS_ARM.__getitem__, key="grade arm"
        )
        read = AttributionResult.from_json
        experiment = experiment_of("attribution", "Grade", "Some minutes.", read, _table)
        name = f"attribution report, {arm}"
        ask(experiment, {"arms": [arm]}, name=name, controls={"grade arm": FIRST_ARM})


def sensors() -> None:
    """Sensors and factors beside do()."""
    recorded(REPORT, AttributionResult.from_json, _shares)


def cascades() -> None:
    """Weights made random, deletion, and captum's metrics."""
    recorded(REPORT, AttributionResult.from_json, _expensive)


def _table(found: AttributionResult, key: str) -> None:
    """Mass beside the baselines, hits and false alarms."""
    arms = found.settings.arms
    with st.grid(2, min_column_width=230):
        arm = st.selectbox("Arm", arms, format_func=SAYS_ARM.__getitem__, key=f"{key} arm")
        cue = st.selectbox("Mask of the", CUES, key=f"{key} cue")
    _truth(found, arm, cue)
    drawing = found.chart(arm=arm, cue=cue, dark=session.dark())
    drawn(drawing, f"{key} attribution", command(KIND, found.settings), name="attribution")
    used = found.uses(arm, cue)
    rows = [
        {
            "map": SAYS_ROW.get(g.row, g.row),
            "mass": _interval(g.grades["mass"]),
            "rank": f"{g.grades['rank'].value:z.2f}",
            "points": f"{g.grades['pointing'].value:z.2f}",
            "beats the best baseline by": _interval(g.beats, signed=True) if g.row in ROWS else "",
            "hits" if used else "false alarms": f"{g.accuses.value:z.2f}" if g.row in ROWS else "",
            "by random weights": f"{g.accuses.null:z.2f}" if g.row in ROWS else "",
        }
        for g in found.lines(arm, cue)
    ]
    st.dataframe(rows, hide_index=True, alt="Grades of every method and baseline")
    caption(
        f"n = {found.settings.plants} plants, {found.settings.seeds} seeds; 95 % over plants. A "
        f"map accuses a cue where it has more mass in its mask than all {len(BASELINES)} "
        "baselines: a hit if do() says that the cue is used, else a false alarm. By random "
        f"weights: the same method on {found.settings.controls} networks that were never trained."
    )


def _truth(found: AttributionResult, arm: str, cue: str) -> None:
    """What do() says of the arm's networks, in a sentence."""
    lines = [
        one for one in (*found.learned, *found.not_learned) if (one.arm, one.cue) == (arm, cue)
    ]
    moved = ", ".join(f"{one.moved.value:z.2f}" for one in lines)
    soil = max(one.moved.null for one in lines)
    word = "is used" if found.uses(arm, cue) else "was **not learned**"
    st.markdown(
        f"The cue *{cue}* {word}: taken away by do(), it changes {moved} of the names, one number "
        f"a seed (do(soil): {soil:z.2f} at most)."
    )


def _shares(found: AttributionResult, key: str) -> None:
    """RGB's share and the ranks of factors."""
    st.markdown(
        "*Which sensor, and which factor, does a map point at? The truth is do(): what each "
        "sensor's picture, re-rendered without the cue, takes from the score.*"
    )
    rows = [
        {
            "arm": SAYS_ARM[one.arm],
            "method": SAYS_ROW[one.row],
            "RGB's share": _interval(one.rgb),
            "by do()": f"{one.rgb.truth:z.2f}",
            "factor ranks": _interval(one.ranks, signed=True),
            "uniform map": f"{one.ranks.null:+z.2f}",
        }
        for one in found.shares
    ]
    st.dataframe(rows, hide_index=True, alt="Sensors and factors by method", height=420)
    caption(
        "Factor ranks: Spearman's rho, by plant, of a map's mass on the pixels that do() moves and "
        "the size of do()'s effect, over lesions, mark, soil and chlorophyll. Uniform map: the "
        "same for a map that says nothing; RGB's share of it is .5."
    )


def _expensive(found: AttributionResult, key: str) -> None:
    """Cascade, deletion and captum's metrics."""
    if not found.deep:
        st.info("This report left the costly part out.")
        return
    st.markdown(
        "*The weights are made random from the head down. Does the map notice? A map that stays "
        "as it was did not explain the weights.*"
    )
    drawing = cascade_chart({SAYS_ROW[d.row]: d.cascade for d in found.deep}, dark=session.dark())
    drawn(drawing, f"{key} cascade", command(KIND, found.settings), name="cascade")
    rows: list[dict[str, Any]] = [
        {
            "method": SAYS_ROW[d.row],
            "deletion": f"{d.deletion.value:z.2f}",
            "insertion": f"{d.insertion.value:z.2f}",
            "deletion into blur": f"{d.blurred.value:z.2f}",
            "infidelity": f"{d.infidelity:z.2f}",
            "sensitivity_max": f"{d.sensitivity:z.2f}",
            "seconds a plant": f"{d.seconds:z.2f}",
        }
        for d in found.deep
    ]
    st.dataframe(rows, hide_index=True, alt="Deletion, insertion and captum's metrics")
    first = found.deep[0]
    caption(
        f"{first.network}, n = {first.deletion.n} plants, 1 seed. Areas under the score's curve; a "
        f"random order: deletion {first.deletion.null:z.2f}, insertion "
        f"{first.insertion.null:z.2f}, into blur {first.blurred.null:z.2f}. Filled from the same "
        "plant rendered without lesions; blur is what is mostly done elsewhere. "
        "Infidelity and sensitivity_max: captum's."
    )


def _interval(one: Evidence, *, signed: bool = False) -> str:
    low, high = one.interval or (one.value, one.value)
    sign = "+" if signed else ""
    return f"{one.value:{sign}z.2f} [{low:{sign}z.2f}, {high:{sign}z.2f}]"
