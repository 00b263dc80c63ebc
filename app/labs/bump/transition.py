"""Real transitions with the same instruments: the escape from ln K, and grokking."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from app import session
from app.captions import caption
from app.experiment import Experiment, ask, command, folded_experiment, part, recorded
from app.live_run import curves
from app.page import downloads, draw
from plantedu.errors import PlantEduError
from plantedu.store.run import Run
from plantedu.store.series import Series
from plantedu.topics.bump.results.escape import EscapeResult, Stop
from plantedu.topics.bump.results.grokking import grokking_chart

ARMS = ("decay", "no_decay", "shuffled")
MEASURES = ("accuracy", "loss", "fourier", "norm")
MEASURED = {
    "accuracy": "accuracy",
    "loss": "loss",
    "fourier": "Fourier share",
    "norm": "weight norm",
}


def escape() -> None:
    """The default run through its escape, under rulers that cannot have moved."""
    st.markdown(
        "The run of lesson 02, from scratch: it stands at $\\ln K$, then leaves. No objective "
        "changed. The same instruments as for the switch, on twelve of its checkpoints."
    )
    recorded("03_escape", part("stages", EscapeResult.from_json), _recorded)
    with folded_experiment("Measure it again, on this machine", "escape"):
        one = Experiment("escape", "Measure", "About a minute.", _escaped)
        ask(one, {}, name="escape of the default run")


def _recorded(found: EscapeResult, _: str) -> None:
    """What was recorded: the curve, and each checkpoint under fixed rulers."""
    drawing = found.chart(dark=session.dark())
    draw(drawing, "escape")
    st.dataframe(
        [_stop(stop) for stop in found.stops],
        hide_index=True,
        alt="Each checkpoint of the escape under fixed rulers, with its probe and retrieval",
    )
    disease = found.stops[0].measures["disease"]
    caption(f"Disease: accuracy of a probe, with shuffled labels in brackets. {disease.caption()}.")
    downloads(drawing, "escape", command("escape", found.settings), "escape")


def _stop(stop: Stop) -> dict[str, str]:
    m = stop.measures
    return {
        "step": f"{stop.step}",
        "loss": f"{m['loss'].value:z.2f}",
        "with a queue": f"{m['second'].value:z.2f}",
        "H(q)": f"{m['entropy'].value:z.2f}",
        "KL": f"{m['divergence'].value:z.2f}",
        "disease": f"{m['disease'].value:z.2f} ({m['disease'].null:z.2f})",
        "finds its partner (MRR)": f"{m['mrr'].value:z.3f} ({m['mrr'].null:z.3f})",
        "RankMe": f"{m['rankme'].value:z.1f}",
    }


def _escaped(run: Run) -> None:
    if run.result:
        draw(EscapeResult.from_json(run.result).chart(dark=session.dark()), "own escape")


def grokking() -> None:
    """Train modular addition live, beside what was recorded."""
    st.markdown(
        "A one-layer network learns $a + b$ modulo a prime from half of all pairs. One objective, "
        "one fixed test set: nothing here is a change of ruler."
    )
    what = st.segmented_control(
        "Draw", MEASURES, default="accuracy", required=True, format_func=_name, key="grok what"
    )
    st.session_state["grok measure"] = what or "accuracy"
    ask(
        Experiment("grokking", "Train it", "Under a minute on two cores.", _body),
        {"seed": 0},
        name="grokking, seed 0",
    )
    try:
        found = session.results("03_grokking")
    except PlantEduError as error:
        st.info(str(error))
        return
    st.subheader("Recorded", anchor=False)
    arms = {name: (arm["steps"], arm["curves"]) for name, arm in found["arms"].items()}
    drawing = grokking_chart(arms, what or "accuracy", _said(found), session.dark())
    draw(drawing, "recorded grokking")
    st.markdown(_seeds([found, *found.get("further_seeds", [])]))
    downloads(drawing, "grokking", "python -m plantedu bump grokking --seeds 3", "grokking")


def _name(what: str) -> str:
    return MEASURED[what]


def _body(run: Run) -> None:
    """What has been looked at so far."""
    what = st.session_state.get("grok measure", "accuracy")
    arms = of_series(curves(run))
    if not arms:
        caption("The first point comes after a few steps.")
        return
    draw(
        grokking_chart(arms, what, f"{MEASURED[what]} as it goes", session.dark()), "live grokking"
    )


def of_series(series: Mapping[str, Series]) -> dict[str, Any]:
    """Arms as the chart wants them, from series "decay/accuracy/train" and the like."""
    found: dict[str, Any] = {}
    for name, one in series.items():
        arm, _, curve = name.partition("/")
        if arm in ARMS and len(one):
            steps, known = found.setdefault(arm, (one.steps.tolist(), {}))
            known[curve] = one.values.tolist()[: len(steps)]
    return found if set(ARMS) <= set(found) else {}


def _said(found: Mapping[str, Any]) -> str:
    arm = found["arms"]["decay"]
    return (
        f"Training accuracy passes .95 at step {arm['learned']}, test accuracy at step "
        f"{arm['understood']}; with shuffled answers test accuracy ends at "
        f"{found['accuracy']['null']:z.2f}."
    )


def _seeds(runs: list[Mapping[str, Any]]) -> str:
    """Each seed in a line."""
    lines = [
        f"- seed {one['settings']['seed']}: learned by heart at step "
        f"{one['arms']['decay']['learned']}, understood at step "
        f"**{one['arms']['decay']['understood']}**; without weight decay "
        f"{one['arms']['no_decay']['understood'] or 'never in the steps watched'}; shuffled "
        f"answers end at {one['accuracy']['null']:z.2f}"
        for one in runs
    ]
    return "\n".join(lines)
