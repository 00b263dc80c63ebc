"""One bet beside its experiment: asked above it, run, and revealed below it.

A prediction's block names its tab (`at`). The page asks it there; what is recorded stays folded
until it is locked, and one click shows it anyway, which is kept with the answer.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from app import folding, session
from app.figures import READING
from app.optional_writes import kept
from app.questions import outcome_card, prediction_card
from plantedu.course.blocks import Prediction
from plantedu.course.lessons import DEEPER, Lesson
from plantedu.course.predictions import Commitment
from plantedu.errors import PlantEduError

OPEN = ("One plant", "Sixty curves")  # tabs whose own drawing is what a bet asks about


def overview(lesson: Lesson) -> None:
    """Where each bet of the page stands, and how far the learner is with it."""
    placed = [one for one in lesson.bets("Predict") if one.at]
    if not placed:
        return
    later = [one for one in lesson.bets(DEEPER) if one.at]
    more = f" Who goes deeper finds one more: {_states(lesson, later)}." if later else ""
    st.markdown(
        f"Each of the {len(placed)} bets stands below, directly above the experiment that settles "
        "it; its recorded result opens when you have locked it: "
        f"{_states(lesson, placed)}.{more}"
    )


def _states(lesson: Lesson, asked: list[Prediction]) -> str:
    made = session.committed(lesson.stem)
    places = dict.fromkeys(one.at for one in asked)
    states = {at: [_state(made.get(one.id)) for one in asked if one.at == at] for at in places}
    return ", ".join(f"*{at}* ({', '.join(where)})" for at, where in states.items())


def _state(made: Commitment | None) -> str:
    if made is None:
        return ":material/lock_open: open"
    if made.answer is None:
        return ":material/lock: locked"
    return ":material/check: right" if made.right else "answered"


@contextmanager
def beside(lesson: Lesson, place: str) -> Iterator[None]:
    """The bets of a tab, its experiment inside, and below it what came of them."""
    shut = ask_bets(lesson, place, recorded=place not in OPEN)
    with folding.folded(shut):
        try:
            yield
        except PlantEduError as error:
            if not shut:
                raise
            st.info(str(error))
    outcomes(lesson, place)


def ask_bets(lesson: Lesson, place: str, *, recorded: bool = True) -> bool:
    """The bets of a place, one at a time; whether what is recorded there waits for one of them.

    Args:
        lesson: The lesson.
        place: Its tab.
        recorded: Whether there is anything recorded to show without a bet.
    """
    asked, made = _at(lesson, place), session.committed(lesson.stem)
    unlocked = [one for one in asked if one.id not in made]
    elsewhere = [o for o in lesson.predictions if place in o.also and o.id not in made]
    shut = [o for o in [*unlocked, *elsewhere] if o.id not in session.looked(lesson.stem)]
    with st.container(width=READING):
        for one in asked:
            if one.id in made or one is unlocked[0]:
                prediction_card(lesson, one)
        if unlocked[1:]:
            st.caption(f"{len(unlocked) - 1} more here, when this one is locked.")
        for at in dict.fromkeys(one.at for one in elsewhere if one in shut):
            st.caption(f"What is recorded here also answers a bet of *{at}*.")
        if shut and recorded:
            _anyway(lesson, place, shut)
    return bool(shut)


def outcomes(lesson: Lesson, place: str) -> None:
    """What came of the bets of a place, below its experiment."""
    made = session.committed(lesson.stem)
    with st.container(width=READING):
        for one in _at(lesson, place):
            if one.id in made:
                outcome_card(lesson, one, made[one.id])


def _at(lesson: Lesson, place: str) -> list[Prediction]:
    return [one for one in lesson.predictions if one.at == place]


def _anyway(lesson: Lesson, place: str, shut: list[Prediction]) -> None:
    """The way to a recorded result without a bet."""
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button("Show it anyway", key=f"anyway {place}", icon=":material/visibility:"):
            book, token = session.progress(), session.learner()
            if kept(lambda: [book.explained(token, lesson.stem, one.id) for one in shut]):
                st.rerun()
        st.caption(
            "Recorded results of this tab open when all bets that they answer are locked. What you "
            "lock after looking is kept, marked, and left out of your calibration."
        )
