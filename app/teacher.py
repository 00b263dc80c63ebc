"""The page of who teaches: begin a class, watch what it predicts, keep it, delete it."""

import json
import os

import streamlit as st

from app import address, session
from app.labs.report_card.calibration import show
from app.optional_writes import kept
from app.page import draw
from plantedu.charts.votes import votes_chart
from plantedu.course.answers import Context, settle
from plantedu.course.calibration import calibration
from plantedu.course.classes import STEP, Votes
from plantedu.course.lessons import Lesson
from plantedu.errors import PlantEduError

CODE, KEEPER = "class", "keeper"


def begin() -> None:
    """A button that makes a class, and where one finds it again."""
    st.markdown(
        "A class has a code. Learners who open the course with it are counted together; you see "
        f"what {STEP} or more of them predicted, before you reveal it, and never who. No name "
        "is asked for, and none is stored."
    )
    if st.button("Begin a class", icon=":material/groups:", key="begin class"):
        try:
            made = session.classes().begin(address.party())
            st.session_state["kept class"] = made
            for name, word in zip((CODE, KEEPER), made, strict=True):
                address.put(name, word)
        except PlantEduError as error:
            st.warning(str(error))
            return
        st.rerun()


def room(code: str, keeper: str) -> None:
    """The class of this code and key."""
    st.subheader(f"Class {code}", anchor=False)
    st.markdown("Write this address on the board. Keep your own: it holds the key of the class.")
    here = os.environ.get("PLANTEDU_ADDRESS", "")  # of the room; the teacher's own may be localhost
    here = here or (st.context.url or "").partition("?")[0].removesuffix("/workshop").rstrip("/")
    st.code(f"{here}/?{CODE}={code}", language=None)
    names = {one.stem: f"{one.number} {one.title}" for one in session.lessons()}
    stem = st.selectbox("Lesson", list(names), format_func=names.__getitem__, key="class lesson")
    told = st.toggle("Mark the right answers", key="class told")
    live(code, session.lesson(stem), told)
    _keep(code, keeper)


@st.fragment(run_every="3s")
def live(code: str, lesson: Lesson, told: bool) -> None:
    """What the class says now; looks again every three seconds."""
    try:
        votes = session.classes().votes(code, lesson)
        st.caption(f"{session.classes().size(code)} in class {code}")
    except PlantEduError as error:
        st.info(str(error))
        return
    for one in votes:
        _question(one, lesson, told)
    st.markdown("**How sure, how often right: the whole class**")
    found = calibration(session.classes().commitments(code), session.lessons())
    if found is None or found.parts.n < STEP:  # fewer answers than hide a person
        st.caption("Nothing to show until a few answers have been revealed.")
        return
    show(found, "class")


def _question(one: Votes, lesson: Lesson, told: bool) -> None:
    st.markdown(f"**{one.prediction.question}**")
    if not one.counts:
        st.caption(
            f"{one.n} locked; shown from {STEP} on, and {STEP} more at a time, so that nobody is "
            "picked out."
        )
        return
    labels = dict(one.prediction.options)
    right = ""
    if told:
        try:
            right = labels[settle(one.prediction.settles, Context(session.RESULTS)).key]
        except PlantEduError as error:
            st.caption(str(error))
    options = [(labels[key], count) for key, count in one.counts.items()]
    drawing = votes_chart(options, right=right, dark=session.dark())
    draw(drawing, f"votes {lesson.stem} {one.prediction.id}")
    of = "" if one.n == one.shown else f" of {one.n} who have locked"
    st.caption(f"n = {one.shown}{of}, mean confidence {one.said:.0%}; dashed: an even spread")


def _keep(code: str, keeper: str) -> None:
    """Fetch everything, or delete the class with one click."""
    with st.container(horizontal=True):
        found = session.classes().export(code, keeper, session.lessons())
        st.download_button(
            "All counts (JSON)",
            json.dumps(found, indent=1),
            f"class-{code}.json",
            "application/json",
            key="class counts",
            on_click="ignore",
        )
        if st.button("Delete this class", icon=":material/delete:", key="delete class"):
            if not kept(lambda: session.classes().delete(code, keeper)):
                return
            address.drop(CODE, KEEPER)
            st.rerun()
