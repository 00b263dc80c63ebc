"""The lineage of runs, the button that branches one, and the finder of learning rates."""

import streamlit as st

from app import session
from app.captions import caption
from app.live_run import follow
from app.page import downloads, draw
from app.recipe_form import called
from plantedu.errors import PlantEduError
from plantedu.store.lineage import Member, family_tree, resolved
from plantedu.store.run import Run
from plantedu.topics.family.results.lineage_chart import Kin, lineage_chart
from plantedu.topics.family.results.tuning_chart import rates_chart
from plantedu.training.recipe import Recipe

MOST = 40  # newest runs to choose from
FINDER = {"seeds": 3, "iterations": 60, "lowest": 1e-6, "highest": 1.0}


def lineage() -> None:
    """Runs and their branches; a button that starts a branch of the chosen one."""
    runs = [
        run for run in session.store().runs(kind="train", limit=MOST) if run.step or not run.over
    ]
    if not runs:
        st.info("There are no runs yet. Train one in lesson 02, then branch from it here.")
        return
    known = {run.id: run for run in runs}
    chosen = st.selectbox(
        "Run",
        list(known),
        format_func=lambda run_id: f"{known[run_id].name or known[run_id].kind} · {run_id}",
        key="branch from",
    )
    family = family_tree(session.store(), chosen)
    drawing = lineage_chart([kin(one) for one in family], chosen=chosen, dark=session.dark())
    draw(drawing, "lineage")
    downloads(drawing, "lineage", "python -m plantedu runs list", "lineage")
    with st.container(horizontal=True):
        if st.button("Restart from the best plateau", icon=":material/fork_right:", key="branch"):
            _branch(chosen)
        if st.button("Find the learning rate", icon=":material/speed:", key="find rate"):
            _find(known[chosen])
    st.code(f"python -m plantedu train --start run:{chosen}@plateau", language="bash")
    _watched()


def kin(member: Member) -> Kin:
    """A run as the drawing takes it; a branch without a known step begins at 0."""
    run = member.run
    name = f"{run.name or run.kind} ({run.state}, {run.id})"
    return Kin(run.id, name, member.parent or "", member.left_at or 0, run.step, run.state)


def _branch(run_id: str, at: str = "plateau", rate: float | None = None) -> None:
    """Ask for the same recipe from a checkpoint of a run, at another rate if one was chosen."""
    try:
        made = session.branch(run_id, at=at, learning_rate=rate)
    except PlantEduError as error:
        st.warning(str(error))
        return
    st.session_state["watched"] = made
    st.rerun()


def _find(run: Run) -> None:
    """Ask for the finder's curves of the chosen run's recipe, from the weights of its plateau."""
    recipe = Recipe.from_json(run.request)
    try:
        asked = recipe.as_json() | {"start": f"run:{run.id}@plateau"}
        request = {"recipe": resolved(session.store(), asked)[0], **FINDER}
        made = session.submit("find_lr", request, name=f"find-lr: {called(recipe)}")
    except PlantEduError as error:
        st.warning(str(error))
        return
    st.session_state["watched"] = made
    st.rerun()


def _watched() -> None:
    """The branch or the finder that was asked for last, as it goes."""
    asked = st.session_state.get("watched")
    if not asked:
        done = session.store().runs(state="done", kind="find_lr", limit=1)
        asked = done[0].id if done else None
    if asked:
        follow(asked, _body)


def _body(run: Run) -> None:
    if run.kind != "find_lr":
        st.page_link(
            session.pages()["02_training"],
            label="Watch its curves on the page of lesson 02",
            icon=":material/monitoring:",
            query_params={"learner": session.learner(), "run": run.id},
        )
    elif run.result:
        drawing = rates_chart(run.result, dark=session.dark())
        draw(drawing, "rates")
        _rates(run)
        for step, name in run.result.get("switches", ()):
            st.warning(f"{name} at iteration {step}: the loss steps there whatever the rate is.")
        caption(
            f"{len(run.result['seeds'])} seeds. Bands: 95 % over seeds. Dotted: what the same rule "
            "says of flat curves with the same noise; what is not apart from it is noise."
        )
        start = run.request["recipe"].get("start", "scratch")
        command = f"python -m plantedu find-lr --start {start}"
        downloads(drawing, f"find-lr-{run.id}", command, "rates")


def _rates(run: Run) -> None:
    """What each rule suggests, in numbers; a click branches with it from the same weights."""
    start = str(run.request["recipe"].get("start", "scratch"))
    parent, _, at = start.removeprefix("run:").partition("@")
    st.markdown(f"Started from `{start}`.")
    found, flat = (run.result or {})["found"], (run.result or {})["flat"]
    for rule, one in found.items():
        low, high = flat[rule]
        noise = ", as flat curves do: noise" if low <= one["value"] <= high else ""
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(
                f"**{rule}: {one['value']:.2g}** (flat curves: {low:.2g} to {high:.2g}){noise}"
            )
            words, key = f"Restart with {one['value']:.2g}", f"take {rule} {run.id}"
            if start.startswith("run:") and st.button(words, key=key, type="tertiary"):
                _branch(parent, at, float(one["value"]))
