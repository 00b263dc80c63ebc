"""The wall of a class: one question in large type, and what its teacher has chosen to show.

It belongs to nobody. It holds no key, no learner's token and no control that shows more.
"""

import segno
import streamlit as st

from app import address, session
from app.kept_class import projection
from app.page import caption, draw
from plantedu.charts.reliability import reliability_chart
from plantedu.charts.votes import votes_chart
from plantedu.course.answers import Context, settle
from plantedu.course.blocks import Prediction
from plantedu.course.calibration import calibration
from plantedu.course.lessons import Lesson
from plantedu.course.projection import Stage
from plantedu.course.quotes import without_comments
from plantedu.course.released_votes import STEP, Votes
from plantedu.errors import PlantEduError

EVERY = "2s"
LARGE = """<style>
.st-key-wall [data-testid="stMarkdownContainer"] :is(p, li) { font-size: 1.5rem; line-height: 1.4 }
.st-key-wall [data-testid="stCaptionContainer"] p { font-size: 1.1rem }
.st-key-wall h1 { font-size: clamp(1.6rem, 3.4vw, 3rem) }
.st-key-wall .st-key-long-question h1 { font-size: clamp(1.3rem, 2.1vw, 1.9rem); line-height: 1.3 }
</style>"""
LONG = 120  # letters of a question, from which it is written smaller: its options fit, too


@st.fragment(run_every=EVERY)
def wall(code: str) -> None:
    """All of it; looks again every two seconds."""
    caption(f"Class {code}" + LARGE)
    try:
        stage = projection().stage(code)
        lesson = session.lesson(stage.lesson) if stage.lesson else None
        votes = session.classes().votes(code, lesson) if lesson else []
        people = session.classes().size(code)
        session.classes().must_be(code)
    except PlantEduError as error:
        st.info(str(error))
        return
    asked = next((one for one in votes if one.prediction.id == stage.item), None)
    with st.container(key="wall"):
        left, right = st.columns([3, 1], gap="large")
        with left:
            _timer(stage)
            if stage.calibration:
                _calibration(code)
            elif asked is None:
                _welcome(people)
            else:
                _question(asked, stage, people)
        with right:
            _address(code)


def _welcome(people: int) -> None:
    st.title("plantedu", anchor=False)
    scan = ", or scan the code" if address.listens_to_others() else ""
    st.markdown(f"Open the address{scan}.")
    st.markdown(f"**{people}** in the class")


def _question(asked: Votes, stage: Stage, people: int) -> None:
    """The question; votes and answer only where the teacher has shown them."""
    found = asked.prediction
    st.caption(_where(session.lesson(stage.lesson), found))
    words = without_comments(found.question)
    with st.container(key="long question" if len(words) > LONG else "short question"):
        st.title(words, anchor=False)
    right = _right(found) if stage.answer else ""
    drawn = stage.votes and bool(asked.counts)  # the chart names the options, and what is right
    for key, label in () if drawn else found.options:
        mark = ":material/check_circle: **Right:** " if key == right else ""
        st.markdown(f"- {mark}{without_comments(label)}")
    st.markdown(f"**{asked.n} of {people} locked**")
    if stage.answer and not right:
        st.caption("The number behind this answer is not on this machine.")
    if stage.votes:
        _votes(asked, right)


def _where(lesson: Lesson, asked: Prediction) -> str:
    """Where in the course the question is answered."""
    tab = f", tab *{asked.at}*" if asked.at else ""
    return f":material/lock: Lesson {lesson.number} {lesson.title}{tab}"


def _right(asked: Prediction) -> str:
    """The key of the right option; "" where its number is not here."""
    try:
        return settle(asked, Context(session.RESULTS)).key
    except PlantEduError:
        return ""


def _votes(asked: Votes, right: str) -> None:
    if not asked.counts:
        st.caption(f"Shown from {STEP} people on, and {STEP} more at a time.")
        return
    labels = dict(asked.prediction.options)
    options = [(labels[key], count) for key, count in asked.counts.items()]
    drawing = votes_chart(options, right=labels.get(right, ""), dark=session.dark(), large=True)
    draw(drawing, f"wall {asked.prediction.id}")
    st.caption(of_whom(asked))


def of_whom(asked: Votes) -> str:
    """What the shares are shares of."""
    late = "" if asked.n == asked.shown else f"; {asked.n} have locked by now"
    return (
        f"Shares of the {asked.shown} who had locked{late}. Mean confidence {asked.said or 0:.0%}. "
        "Dashed: an even spread."
    )


def _calibration(code: str) -> None:
    st.title("How sure, and how often right", anchor=False)
    found = calibration(session.classes().commitments(code), session.lessons())
    if found is None:
        st.markdown(f"Shown once {STEP} people have seen the answer to one question.")
        return
    parts = found.parts
    st.markdown(f"Mean confidence **{parts.said:.0%}**, right **{parts.base_rate:.0%}**")
    draw(reliability_chart(parts, dark=session.dark()), "wall calibration")
    asked = f"{parts.units} question{'s' * (parts.units != 1)}"
    st.caption(f"{parts.n} answers to {asked}. Verdict: {parts.verdict}.")


def _timer(stage: Stage) -> None:
    left = projection().seconds_left(stage)
    if left is not None:
        clock = f"{left // 60}:{left % 60:02}" if left else "Time is up"
        st.markdown(f":material/timer: **{clock}**")


def _address(code: str) -> None:
    """Where the room finds the course, to read and to scan."""
    here = f"{address.room()}/?class={code}"
    if address.listens_to_others():
        st.image(qr(here), alt=f"QR code of {here}", width=260)
    else:
        st.caption("This server answers this machine alone. Others need --server.address 0.0.0.0.")
    st.code(here, language=None, wrap_lines=True)


@st.cache_data(max_entries=8, show_spinner=False)
def qr(text: str) -> str:
    """A QR code as SVG, dark on white in both themes: some readers know no other."""
    return segno.make(text, error="m", micro=False).svg_inline(scale=6, dark="#000", light="#fff")
