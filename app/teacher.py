"""The page of who teaches: begin a class, lead it through questions, keep it, delete it."""

import json
from dataclasses import replace

import streamlit as st

from app import address, session
from app.kept_class import keep_class, projection
from app.labs.report_card.calibration import show
from app.optional_writes import kept
from app.page import draw
from app.projector import of_whom
from plantedu.charts.votes import votes_chart
from plantedu.course.answers import Context, settle
from plantedu.course.calibration import calibration
from plantedu.course.lessons import Lesson
from plantedu.course.projection import Stage
from plantedu.course.released_votes import STEP, Votes
from plantedu.course.whereabouts import whereabouts
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
            keep_class(*session.classes().begin(address.party()))
        except PlantEduError as error:
            st.warning(str(error))
            return
        st.rerun()


def room(code: str, keeper: str) -> None:
    """The class of this code and key."""
    for name, word in ((CODE, code), (KEEPER, keeper)):  # a walk through the course drops both
        if address.given(name) != word:
            address.put(name, word)
    kept(lambda: session.classes().teach(code, keeper, session.learner()))
    st.header(f"Class {code}", anchor=False)
    st.markdown("Write this address on the board. Keep your own: it holds the key of the class.")
    st.code(f"{address.room()}/?{CODE}={code}", language=None)
    if not address.listens_to_others():
        st.warning(
            "This server answers this machine alone. For a room, start it with "
            "`--server.address 0.0.0.0`."
        )
    st.link_button("Open the wall, for a projector", address.of_wall(code), icon=":material/tv:")
    names = {one.stem: f"{one.number} {one.title}" for one in session.lessons()}
    now = projection().stage(code)
    stems = list(names)
    stem = st.selectbox(
        "Lesson",
        stems,
        index=stems.index(now.lesson) if now.lesson in stems else 0,
        format_func=names.__getitem__,
        key="class lesson",
    )
    lesson = session.lesson(stem or stems[0])
    _control(code, keeper, lesson, now)
    mark_right = st.toggle("Mark the right answers here", key="class right answers")
    live(code, lesson, mark_right)
    stuck(code)
    _keep(code, keeper)


def _control(code: str, keeper: str, lesson: Lesson, now: Stage) -> None:
    """What the wall shows; a new question comes without votes, answer and "time is up"."""
    labels = {one.id: one.question for one in lesson.predictions}
    here = now.item if now.lesson == lesson.stem and now.item in labels else None
    with st.container(border=True, key="wall control"):
        st.markdown("**The wall**")
        item = st.selectbox(
            "Question",
            list(labels),
            index=list(labels).index(here) if here else None,
            format_func=labels.__getitem__,
            placeholder="None: the wall shows how to come in",
            key=f"wall question {lesson.stem}",
        )
        with st.container(horizontal=True):
            same = bool(item) and item == here
            votes = st.toggle("Show the votes", now.votes and same, key=f"wall votes {item}")
            answer = st.toggle(
                "Show the right answer", now.answer and same, key=f"wall answer {item}"
            )
            sure = st.toggle(
                "Show the class's calibration", now.calibration, key="wall calibration"
            )
        over = projection().seconds_left(now) == 0  # it was another question's
        ends = None if over and not same else now.ends
        wanted = Stage(lesson.stem if item else "", item or "", votes, answer, sure, ends)
        _put(code, keeper, now, _timed(wanted))


def _timed(wanted: Stage) -> Stage:
    """The stage with the timer that was asked for."""
    with st.container(horizontal=True):
        for minutes in (1, 2, 5):
            if st.button(f"{minutes} min", icon=":material/timer:", key=f"wall timer {minutes}"):
                return replace(wanted, ends=projection().timer(minutes))
        if st.button("No timer", key="wall no timer"):
            return replace(wanted, ends=None)
    return wanted


def _put(code: str, keeper: str, now: Stage, wanted: Stage) -> None:
    if wanted != now:
        kept(lambda: projection().put(code, keeper, wanted))


@st.fragment(run_every="3s")
def live(code: str, lesson: Lesson, mark_right: bool) -> None:
    """What the class says now; looks again every three seconds."""
    try:
        votes = session.classes().votes(code, lesson)
        people = session.classes().size(code)
    except PlantEduError as error:
        st.info(str(error))
        return
    st.caption(f"{people} in class {code}")
    for one in votes:
        _question(one, lesson, mark_right, people)
    st.markdown("**How sure, how often right: the whole class**")
    found = calibration(session.classes().commitments(code), session.lessons())
    if found is None:
        st.caption(f"Shown once {STEP} people have seen the answer to one question.")
        return
    show(found, "class")


def _question(one: Votes, lesson: Lesson, mark_right: bool, people: int) -> None:
    st.markdown(f"**{one.prediction.question}**")
    st.caption(f"{one.n} of {people} locked")
    if not one.counts:
        st.caption(
            f"Votes are shown from {STEP} people on, and {STEP} more at a time, so that nobody is "
            "picked out."
        )
        return
    labels = dict(one.prediction.options)
    right = ""
    if mark_right:
        try:
            right = labels[settle(one.prediction, Context(session.RESULTS)).key]
        except PlantEduError as error:
            st.caption(str(error))
    options = [(labels[key], count) for key, count in one.counts.items()]
    drawing = votes_chart(options, right=right, dark=session.dark())
    draw(drawing, f"votes {lesson.stem} {one.prediction.id}")
    st.caption(of_whom(one))


@st.fragment(run_every="10s")
def stuck(code: str) -> None:
    """Where the class is; looks again every ten seconds."""
    st.markdown("**Where they are**")
    found = whereabouts(session.store().path, code, session.lessons())
    if not found:
        st.caption("Nobody has joined yet.")
        return
    titles = {one.stem: f"{one.number} {one.title}" for one in session.lessons()}
    rows = [
        {
            "page": titles.get(one.lesson, "no lesson yet"),
            "people": one.people,
            "have locked all its questions": one.locked,
            "wait for a run": one.waiting,
            "have one that runs": one.running,
        }
        for one in found
    ]
    wide = {"page": st.column_config.TextColumn(width="medium")}
    st.dataframe(rows, hide_index=True, column_config=wide, alt="How many people are at which page")
    st.caption(f"Counts of people, in steps of {STEP}. The page is the lesson opened last.")


def _keep(code: str, keeper: str) -> None:
    """Fetch everything, or delete the class; asked once."""
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
        with st.popover("Delete this class", icon=":material/delete:", key="delete popover"):
            st.markdown(
                f"This ends class {code}: its code, its key, its counts and who joined. Learners "
                "keep their own answers. It cannot be undone."
            )
            if not st.button(f"Delete {code} for good", key="delete class"):
                return
        if not kept(lambda: session.classes().delete(code, keeper)):
            return
        keep_class("", "")
        address.drop(CODE, KEEPER)
        st.rerun()
