"""Move the switch: recorded arms, the drop against the switch, and one arm of one's own."""

import streamlit as st

from app import session
from app.captions import caption
from app.experiment import Experiment, ask
from app.glance import changed
from app.live_run import curves
from app.numbers import whole_number
from app.page import downloads, draw
from plantedu.charts.training_curves import loss_chart
from plantedu.errors import PlantEduError
from plantedu.statistics.evidence import Evidence
from plantedu.store.run import Run
from plantedu.topics.bump.results.switch import SwitchResult, curves_chart, read_curves
from plantedu.topics.bump.results.switch_arms import ARMS, arm_recipe

SAYS = {
    "0.25": "queue on at a quarter",
    "0.5": "queue on at half time",
    "0.75": "queue on at three quarters",
    "never": "never",
    "always": "from the first step",
    "matched": "8 prototypes, no queue",
    "matched_switch": "8 prototypes, queue at half time",
}


def switch() -> None:
    """What is recorded, and an arm to train."""
    try:
        _recorded(_result())
    except PlantEduError as error:
        st.info(str(error))
    st.subheader("Train an arm yourself", anchor=False)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        arm = st.selectbox("Arm", list(SAYS), 1, format_func=_name, key="switch arm", width=260)
        seed = whole_number("Seed", 0, 9999, value=7, key="switch seed", width=140)
    ask(
        Experiment("switch", "Train this arm", "About a minute and a half on two cores.", _body),
        {"arm": arm, "seed": seed},
        name=f"arm: {_name(arm)}, seed {seed}",
        controls={"switch arm": "arm", "switch seed": "seed"},
    )


def _name(arm: str) -> str:
    return SAYS[arm]


def _result() -> SwitchResult:
    found = dict(session.results("03_switch"))
    found.pop("command", None)
    return SwitchResult.from_json(found)


@st.cache_data(max_entries=2, show_spinner=False)
def _curves(place: str, written: int):
    return read_curves(session.RESULTS / "03_switch.csv.gz")


def _recorded(found: SwitchResult) -> None:
    path = session.RESULTS / "03_switch.csv.gz"
    if written := changed(path):
        curves = _curves(str(path), written)
        drawing = curves_chart(curves, dark=session.dark())
        draw(drawing, "arms")
        downloads(drawing, "arms", "python -m experiments.switch_runs", "arms")
    drops = found.chart(dark=session.dark())
    draw(drops, "drops")
    lines = {
        "steps that the drop moves per step of the switch": found.slope,
        "same weights, same batch: logged loss with the queue": found.alone,
        "logged loss, ten steps on either side of the switch": found.logged,
        "fixed ruler, in the step of the switch": found.fixed,
    }
    if found.dip is not None:
        lines["steps that the dip lasts longer per batch in the queue"] = found.dip
    st.dataframe(
        [_row(name, one) for name, one in lines.items()],
        hide_index=True,
        alt="Slope of the drop on the switch, jumps of the logged loss and of the fixed ruler",
    )
    counted = ", ".join(
        f"{SAYS.get(arm, arm)}: {len(drops)} of {sum(run.arm == arm for run in found.runs)}"
        for arm, drops in found.found_without.items()
    )
    caption(
        f"Circles: runs that switch. Ticks at the left: drops found without a switch, {counted}."
    )
    downloads(drops, "drops", "python -m plantedu bump switch", "drops")


def _row(name: str, one: Evidence) -> dict[str, str]:
    ends = one.interval
    return {
        "what": name,
        "value": f"{one.value:+z.3f}",
        "95 %": f"{ends[0]:+z.3f} to {ends[1]:+z.3f}" if ends else "",
        "null": f"{one.null:z.3f}",
        "control": one.control,
        "n": f"{one.n}, {one.seeds} seeds",
    }


def _body(run: Run) -> None:
    """The loss as it goes, then where its drop was found."""
    arm = str(run.request.get("arm", "0.5"))
    K = arm_recipe(arm, 0).prototypes if arm in ARMS else 512
    try:
        events = session.store().events(run.id)
        look = {"prototypes": K, "last": run.steps, "dark": session.dark()}
        draw(loss_chart(curves(run), events, **look), "own arm")
    except PlantEduError:
        caption("The first point comes as soon as the worker has made its first step.")
    if run.result:
        drop, at = run.result["drop"], run.result["switch"]
        said = "No drop was found" if drop is None else f"A drop was found at step {drop}"
        st.markdown(f"{said}; the queue was switched on {_when(at)}.")


def _when(step: int | None) -> str:
    return "at no step inside the run" if step is None else f"at step {step}"
