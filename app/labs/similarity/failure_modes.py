"""What fools a similarity, and which one notices a planted difference."""

import pandas as pd
import streamlit as st

from app import session
from app.experiment import Experiment, ask
from app.page import downloads, draw
from plantedu.charts.chart import Drawing
from plantedu.charts.palette import NAMES
from plantedu.errors import PlantEduError
from plantedu.store.run import Run
from plantedu.topics.similarity.failure_modes import TrapsResult
from plantedu.topics.similarity.sensitivity import LEVEL, GroundingResult


def traps() -> None:
    """Independent noise by the number of columns; plants moved far away."""
    try:
        _show(TrapsResult.from_json(session.results("06_traps")), "recorded")
    except PlantEduError as error:
        st.info(str(error))
    with st.expander("Try it with other numbers, on this machine"):
        n = st.select_slider("Plants of noise", (16, 50, 100, 400, 1000), value=100, key="trap n")
        moved = st.selectbox(
            "Move the plants with", ("brown", "blast", "healthy"), key="trap moved"
        )
        experiment = Experiment("traps", "Measure", "Under a minute.", _own)
        ask(experiment, {"n": n, "moved": moved}, name="two traps", key="traps")


def noticing() -> None:
    """Which measure notices that an encoder was not told a factor."""
    st.markdown(
        "Encoders are told six factors of each plant, or five. Two seeds that were told the "
        "same differ in nothing that was planted; what lies right of the dashed line notices more "
        "than that. Filled: told from seeds by an exact test over encoders, after Holm's "
        "correction: within debiased CKA, which was named before, and within all others."
    )
    try:
        found = GroundingResult.from_json(session.results("06_grounding"))
    except PlantEduError as error:
        st.info(str(error))
        return
    _draw(
        found.chart(dark=session.dark()), "grounding", "python -m plantedu similarity sensitivity"
    )
    st.dataframe(_table(found), hide_index=True, alt="Sensitivity and specificity of each measure")
    st.markdown("**What was planted, and did it take?**")
    st.dataframe(
        pd.DataFrame(
            [
                {
                    "factor": factor,
                    "probe, told": f"{told:.2f}",
                    "probe, not told": f"{untold:.2f}",
                    "do() moves h, told": f"{found.moves[factor][0]:.2f}",
                    "not told": f"{found.moves[factor][1]:.2f}",
                }
                for factor, (told, untold) in found.probes.items()
            ]
        ),
        hide_index=True,
        alt="What probes read of each factor, and how far do() moves h, where it was told and not",
    )


def _table(found: GroundingResult) -> pd.DataFrame:
    """Each measure: noticed, sensitivity and specificity."""
    rows = []
    told = found.corrected()
    for name, row in found.table.items():
        seen = ", ".join(factor for factor in row if told[name][factor] <= LEVEL)
        rows.append(
            {
                "measure": found.labels[name],
                "parts all pairs": f"{found.separates(name)} of {len(row)}",
                "notices": seen or "nothing",
                "sensitivity": f"{found.sensitivity(name):.2f}",
                "specificity": f"{found.specificity[name]:.2f}",
            }
        )
    return pd.DataFrame(rows)


def _show(found: TrapsResult, key: str) -> None:
    command = "python -m plantedu similarity failure-modes"
    st.markdown("**Many columns.** Both sides are independent noise: nothing is alike.")
    _draw(found.chart(dark=session.dark()), f"{key} columns", command)
    st.markdown(
        f"**Far points.** One encoder against itself, all plants with "
        f"{NAMES[found.settings.moved]} moved the same way. A reader of disease: "
        f"{found.reader[0]:.2f} right before, {found.reader[-1]:.2f} after."
    )
    _draw(found.moved_chart(dark=session.dark()), f"{key} moved", command)


def _draw(drawing: Drawing, key: str, command: str) -> None:
    draw(drawing, key)
    st.caption(drawing.alt)
    downloads(drawing, key.replace(" ", "-"), command, key)


def _own(run: Run) -> None:
    if run.result:
        _show(TrapsResult.from_json(run.result), f"own {run.id}")
