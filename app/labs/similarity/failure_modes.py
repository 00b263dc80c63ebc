"""What fools a similarity, and which one notices a planted difference."""

import pandas as pd
import streamlit as st

from app import session
from app.experiment import (
    ask,
    command,
    command_of_shown,
    drawn,
    experiment_of,
    folded_experiment,
    recorded,
)
from plantedu.charts.palette import NAMES
from plantedu.topics.similarity.results.failure_modes import FailureModesResult
from plantedu.topics.similarity.results.sensitivity import LEVEL, SensitivityResult, Settings

MOVED = ("brown", "blast", "healthy")


def failure_modes() -> None:
    """Independent noise by the number of columns; plants moved far away."""
    recorded("06_traps", FailureModesResult.from_json, _show)
    with folded_experiment("Try it with other numbers, on this machine", "traps"):
        n = st.select_slider("Plants of noise", (16, 50, 100, 400, 1000), value=100, key="trap n")
        moved = st.selectbox("Move the plants with", MOVED, key="trap moved")
        takes = "Under a minute."
        one = experiment_of("traps", "Measure", takes, FailureModesResult.from_json, _show)
        ask(
            one,
            {"n": n, "moved": moved},
            name="two traps",
            key="traps",
            controls={"trap n": "n", "trap moved": "moved"},
        )


def noticing() -> None:
    """Which measure notices that a factor was left out of an encoder's training."""
    st.markdown(
        "Encoders are trained to name six factors of each plant, or five. Two seeds of the same "
        "training differ in nothing that was planted; what lies right of the dashed line notices "
        "more than that. Filled: beyond seeds by an exact test over encoders, after Holm's "
        "correction: within debiased CKA, which was named before, and within all others."
    )

    recorded("06_grounding", SensitivityResult.from_json, _noticed)
    with folded_experiment("Train the encoders and measure, on this machine", "grounding"):
        encoders = st.select_slider(
            "Encoders for each factor left out", (2, 3, 4, 6), key="sensitivity encoders"
        )
        plants = st.select_slider("Plants", (128, 256, 512, 1024), 512, key="sensitivity plants")
        takes = "Half a minute of one core an encoder, sixteen or more; kept for the next time."
        one = experiment_of("grounding", "Measure", takes, SensitivityResult.from_json, _noticed)
        request = {"encoders": encoders, "plants": plants}
        ask(
            one,
            request,
            name="sensitivity",
            key="sensitivity",
            controls={"sensitivity encoders": "encoders", "sensitivity plants": "plants"},
        )


def _noticed(found: SensitivityResult, key: str) -> None:
    made_by = command_of_shown("grounding", Settings)
    drawn(found.chart(dark=session.dark()), f"{key} sensitivity", made_by, words=True)
    st.dataframe(_table(found), hide_index=True, alt="Sensitivity and specificity of each measure")
    st.markdown("**What was planted, and did it take?**")
    st.dataframe(
        pd.DataFrame(
            [
                {
                    "factor": factor,
                    "probe, trained on it": f"{found.probes[factor][0]:z.2f}",
                    "probe, left out": f"{found.probes[factor][1]:z.2f}",
                    "do() moves h, trained on it": f"{found.moves[factor][0]:z.2f}",
                    "left out": f"{found.moves[factor][1]:z.2f}",
                }
                for factor in found.probes
            ]
        ),
        hide_index=True,
        alt="What probes read of each factor, and how far do() moves h, trained on it and not",
    )


def _table(found: SensitivityResult) -> pd.DataFrame:
    """Each measure: noticed, sensitivity and specificity."""
    rows = []
    corrected = found.corrected()
    for name, row in found.table.items():
        seen = ", ".join(factor for factor in row if corrected[name][factor] <= LEVEL)
        rows.append(
            {
                "measure": found.labels[name],
                "parts all pairs": f"{found.separates(name)} of {len(row)}",
                "notices": seen or "nothing",
                "sensitivity": f"{found.sensitivity(name):z.2f}",
                "specificity": f"{found.specificity[name]:z.2f}",
            }
        )
    return pd.DataFrame(rows)


def _show(found: FailureModesResult, key: str) -> None:
    made_by = command("traps", found.settings)
    st.markdown("**Many columns.** Both sides are independent noise: nothing is alike.")
    drawn(found.chart(dark=session.dark()), f"{key} columns", made_by, words=True)
    st.markdown(
        f"**Far points.** One encoder against itself, all plants with "
        f"{NAMES[found.settings.moved]} moved the same way. A reader of disease: "
        f"{found.reader[0]:z.2f} right before, {found.reader[-1]:z.2f} after."
    )
    drawn(found.moved_chart(dark=session.dark()), f"{key} moved", made_by, words=True)
