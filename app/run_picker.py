"""Which run is on screen: a new one, a recorded one replayed, or one from before.

The id of the run stands in the URL (`?run=...`), so a reload or a link opens the same one.
"""

import streamlit as st

from app import address, session
from app.recipe_form import called
from plantedu.charts.tables import minutes
from plantedu.errors import PlantEduError
from plantedu.store.recording import recordings
from plantedu.store.run import LOOP, Run
from plantedu.training.recipe import Recipe

FIRST = "cross-0"  # the recording of the default run
SPEEDS: dict[float | str, str] = {
    1: "as recorded",
    10: "10 times",
    60: "60 times",
    "instant": "at once",
}


def replay() -> None:
    """Choose a recorded run and a speed, and let it go by again."""
    known = {
        name: one for name in recordings() if (one := session.known_recording(name)) is not None
    }
    if not known:
        return
    with st.container(horizontal=True, vertical_alignment="bottom", key="replay"):
        name = st.selectbox(
            "Or replay a recorded run",
            sorted(known, key=lambda one: (one != FIRST, one)),
            format_func=lambda one: f"{known[one].title} ({minutes(known[one].seconds)})",
            key="recording",
            width=340,
        )
        speed = st.segmented_control(
            "Speed", list(SPEEDS), default=10, required=True, format_func=_speed, key="speed"
        )
        if st.button("Replay", icon=":material/replay:", key="replay it"):
            request = {"recording": name, "speed": speed}
            title = f"replay of {known[name].title}"
            show(session.submit("replay", request, lane="replay", name=title, fresh=True))
    if known[name].note:
        st.caption(known[name].note)


def show(run_id: str) -> None:
    """Put a run on screen; its id stands in the URL."""
    address.put("run", run_id)


def start(recipe: Recipe, *, fresh: bool = False) -> None:
    """Ask for a training and look at it; an identical one that is there is shared."""
    show(session.submit("train", recipe.as_json(), name=called(recipe), fresh=fresh))


def choose_run() -> str:
    """The run to look at: the one in the URL, else the learner's newest; "" for none."""
    own, others = _runs_to_show()
    known = {run.id: run for run in (*own, *others)}
    wanted = address.given("run")
    if address.odd("run"):
        st.warning("There is no run of the name in this address; ids are eight hexadecimal digits.")
    if wanted and wanted not in known:
        try:
            known = {wanted: session.store().run(wanted), **known}
        except PlantEduError as error:
            st.warning(str(error))
    if not known:
        return ""
    newest = own[0].id if own else None
    st.session_state["shown run"] = wanted if wanted in known else newest
    chosen = st.selectbox(
        "Run on screen",
        list(known),
        format_func=lambda run_id: f"{known[run_id].name or known[run_id].kind} · {run_id}",
        placeholder="Choose a run of somebody else here, or start one",
        key="shown run",
        on_change=_choose,
    )
    return chosen or ""


def _choose() -> None:
    address.put("run", st.session_state["shown run"])


def _runs_to_show() -> tuple[list[Run], list[Run]]:
    """Trainings and replays, newest first: the learner's own, and those of others here."""
    store, kinds = session.store(), ("train", "replay", LOOP)
    own = [run for run in store.runs(learner=session.learner(), limit=50) if run.kind in kinds]
    mine = {run.id for run in own}
    others = [
        run for run in session.store().runs(limit=30) if run.kind in kinds and run.id not in mine
    ]
    return own, others


def _speed(speed: float | str) -> str:
    return SPEEDS[speed]
