"""Predictions and exercises on a page: locked before the reveal, judged by a computation."""

import streamlit as st

from app import session
from app.lesson_text import readable
from app.optional_writes import kept
from plantedu.course.answers import Context, settle
from plantedu.course.blocks import Exercise, Prediction
from plantedu.course.checks import Verdict, check, find_check
from plantedu.course.lessons import Lesson
from plantedu.course.predictions import Commitment
from plantedu.errors import PlantEduError


def prediction_card(lesson: Lesson, asked: Prediction) -> None:
    """The form before a commitment, the locked answer after it, the score after the reveal."""
    made = session.committed(lesson.stem).get(asked.id)
    with st.container(border=True, key=f"prediction {asked.id}"):
        st.markdown(f"**{readable(asked.question, lesson)}**")
        if made is None:
            _form(lesson, asked)
        elif made.answer is None:
            _locked(lesson, asked, made)
        else:
            _revealed(asked, made)


def _form(lesson: Lesson, asked: Prediction) -> None:
    labels, even = dict(asked.options), round(100 / len(asked.options))
    with st.form(f"predict {asked.id}", border=False):
        choice = st.radio(
            "Your answer",
            asked.keys,
            index=None,
            format_func=lambda key: labels[key],
            key=f"choice {asked.id}",
        )
        sure = st.slider(
            "How sure are you?",
            even,
            99,
            even,
            format="%d%%",
            key=f"sure {asked.id}",
            help=f"{even}% means that you guess; a score rewards honest confidence.",
        )
        if st.form_submit_button("Lock my answer", icon=":material/lock:"):
            confidence = sure / 100 if sure > even else 1 / len(asked.options)
            _commit(lesson, asked, choice, confidence)


def _commit(lesson: Lesson, asked: Prediction, choice: str | None, confidence: float) -> None:
    if choice is None:
        st.warning("Choose one of the answers first.")
        return
    try:
        session.predictions().commit(
            session.learner(),
            lesson.stem,
            asked,
            choice,
            confidence,
            informed=session.has_explained(lesson.stem),
        )
    except PlantEduError as error:
        st.warning(str(error))
        return
    st.rerun()


def _locked(lesson: Lesson, asked: Prediction, made: Commitment) -> None:
    label = dict(asked.options)[made.choice]
    st.markdown(f":material/lock: You said: *{label}* ({made.confidence:.0%} sure)")
    if not st.button("Show the answer", key=f"reveal {asked.id}"):
        st.caption("Locked. Try it below first, then look.")
        return
    try:
        answer = settle(asked, Context(session.RESULTS))
    except PlantEduError as error:
        st.info(str(error))
        return
    book, token = session.predictions(), session.learner()
    if kept(lambda: book.reveal(token, lesson.stem, asked.id, answer.key)):
        st.rerun()


def _revealed(asked: Prediction, made: Commitment) -> None:
    """Each option with its explanation, the score beside that of an even guess."""
    for key, label in asked.options:
        marks = ["**right**"] if key == made.answer else []
        marks += [f"your answer, {made.confidence:.0%} sure"] if key == made.choice else []
        icon = ":material/check_circle:" if key == made.answer else ":material/circle:"
        said = f" ({', '.join(marks)})" if marks else ""
        st.markdown(f"{icon} {label}{said}  \n{readable(asked.explanations[key])}")
    try:
        st.caption(settle(asked, Context(session.RESULTS)).text)
    except PlantEduError:
        st.caption("The number behind this answer is not on this machine any more.")
    st.caption(
        f"Your Brier score: {made.score:.2f}. Guessing evenly scores {made.even:.2f}; "
        "0 is sure and right, 2 is sure and wrong."
        + (" Explain was open when you locked it: it does not count." if made.informed else "")
    )


def exercise_card(lesson: Lesson, task: Exercise) -> None:
    """The task, a field for the answer, and the verdict; hint and solution folded."""
    solved = task.id in session.solved().get(lesson.stem, set())
    with st.container(border=True, key=f"exercise {task.id.replace('.', '-')}"):
        done = " · :material/check: solved" if solved else ""
        st.markdown(f"**{task.id} {task.title}**")
        st.caption(f"{task.difficulty} · {task.minutes} minutes{done}")
        st.markdown(readable(task.text))
        _answer(lesson, task)
        with st.expander("Hint"):
            st.markdown(readable(task.hint))
        with st.expander("Solution"):
            st.markdown(readable(task.solution))


def _answer(lesson: Lesson, task: Exercise) -> None:
    """The field and its button; a check that asks for a run offers the learner's runs."""
    asks = find_check(task)
    with st.form(f"answer {task.id}", border=False):
        if asks.asks == "run":
            runs = session.store().runs(learner=session.learner(), limit=30)
            names = {run.id: f"{run.id} {run.name} ({run.state})" for run in runs}
            given = st.selectbox(
                asks.prompt,
                list(names),
                index=None,
                format_func=lambda run_id: names[run_id],
                placeholder="Choose one of your runs" if names else "You have no runs yet",
                key=f"given {task.id}",
            )
        else:
            given = st.text_input(asks.prompt, key=f"given {task.id}", max_chars=60)
        if st.form_submit_button("Check"):
            _judge(lesson, task, given or "")


def _judge(lesson: Lesson, task: Exercise, given: str) -> None:
    try:
        verdict = check(task, given, store=session.store())
    except PlantEduError as error:
        verdict = Verdict(False, str(error))
    if verdict.right:
        kept(lambda: session.progress().solved(session.learner(), lesson.stem, task.id))
        st.success(verdict.text)
    else:
        st.warning(verdict.text)
