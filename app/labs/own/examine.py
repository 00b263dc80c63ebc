"""Examine a network that one did not make: the worker does it, a section after the other."""

import streamlit as st

from app import session, shipped
from app.captions import caption
from app.experiment import Experiment, ask, part, recorded, refused
from app.labs.own.shown import show
from app.put_back import Controls
from plantedu.own.examination.page_settings import KIND, LEAVES, Settings, command
from plantedu.own.examination.report_numbers import ReportNumbers, from_names
from plantedu.serialization import revived
from plantedu.store.run import PHASE, Run
from plantedu.topics.similarity.results.comparisons import CONTROLS

FOREIGN = ("foreign-a", "foreign-b")
CHOSEN: Controls = {
    "examined": "encoder",
    "examined how": (("quick",), lambda asked: "quick" if asked["quick"] else "whole"),
}
TAKES = "About {} of one core. Each section is kept: who cancels and asks again goes on there."


def examine() -> None:
    """Choose a network, ask for its examination, read the report."""
    st.markdown(
        "`foreign-a` and `foreign-b` are networks of somebody else: timm's ResNet, fine-tuned to "
        "name diseased leaves. 200 leaves that they have not seen lie beside them, and in some "
        "stands a mark. Does a network go by the leaf or by the mark?"
    )
    left, right = st.columns(2)
    encoder = left.selectbox("Network", networks(), key="examined")
    quick = right.segmented_control(
        "How", ("quick", "whole"), default="quick", required=True, key="examined how"
    )
    request = {"encoder": encoder, "quick": quick == "quick", "seed": 0}
    if refused(Settings, request):
        return
    takes = TAKES.format("half a minute" if request["quick"] else "a minute")
    one = Experiment(KIND, "Examine", takes, _body)
    name, key = f"examination of {encoder}", f"{encoder} {quick}"
    ask(one, request, name=name, key=key, controls=CHOSEN, place="examination")
    _terminal(revived(Settings, request))
    with st.expander("The recorded examinations", on_change="rerun", key="examined before") as fold:
        if fold.open:
            letter = st.segmented_control(
                "Of", FOREIGN, default=FOREIGN[0], required=True, key="examined recorded"
            )
            recorded("12_report", part(str(letter)[-1], from_names), show)


def networks() -> list[str]:
    """Foreign ones first; then what the learner has trained, what ships, and untrained ones."""
    runs = session.store().runs(kind="train", learner=session.learner(), limit=20)
    mine = [f"run:{run.id}@last" for run in runs if run.step]
    ours = [one for one in shipped.encoders() if "/" not in one and "both" not in one]
    return [*FOREIGN, *mine, *ours, *CONTROLS]


def _body(run: Run) -> None:
    if run.result:
        show(ReportNumbers.from_json(run.result), "own")
    elif run.state == "running":
        said = [one.detail for one in session.store().events(run.id) if one.name == PHASE]
        caption(said[-1] if said else "The worker begins.")


def _terminal(asked: Settings) -> None:
    """The same in a terminal."""
    with st.popover("In a terminal", icon=":material/terminal:", type="tertiary"):
        st.code(command(asked), language="bash", wrap_lines=True)
        st.download_button(
            "The 200 leaves (leaves.npz)",
            LEAVES.read_bytes,
            "leaves.npz",
            "application/octet-stream",
            icon=":material/download:",
            key="leaves",
            on_click="ignore",
        )
