"""Predictions and exercises on a page: locked before the reveal, judged by a computation."""

import streamlit as st

from app import session
from app.lesson_text import readable
from app.optional_writes import kept
from plantedu.course.answers import Context, settle
from plantedu.course.blocks import Exercise, Prediction
from plantedu.course.checks import CheckResult, check, find_check
from plantedu.course.lessons import Lesson
from plantedu.course.loop import loop_words
from plantedu.course.own_results import own_number
from plantedu.course.predictions import Commitment
from plantedu.errors import PlantEduError


def prediction_card(lesson: Lesson, asked: Prediction) -> None:
    """The form before a commitment, the locked answer after it; what came of it where no tab is."""
    made = session.committed(lesson.stem).get(asked.id)
    with st.container(border=True, key=f"prediction {asked.id}"):
        st.markdown(f"**{readable(asked.question, lesson)}**")
        if made is None:
            _form(lesson, asked)
            return
        st.markdown(_said(asked, made))
        if not asked.at:
            _outcome(lesson, asked, made)
        elif made.answer is None:
            st.caption("Locked. Try it below; the answer is under the experiment.")


def outcome_card(lesson: Lesson, asked: Prediction, made: Commitment) -> None:
    """Under an experiment: the way to the answer, then what was said, run and measured."""
    with st.container(border=True, key=f"outcome {asked.id}"):
        _outcome(lesson, asked, made)


def _outcome(lesson: Lesson, asked: Prediction, made: Commitment) -> None:
    if made.answer is None:
        _locked(lesson, asked, made)
    else:
        _revealed(asked, made)


def _said(asked: Prediction, made: Commitment) -> str:
    label = dict(asked.options)[made.choice]
    return f":material/lock: You said: *{label}* ({made.confidence:.0%} sure)"


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
            informed=bool({"", asked.id} & session.looked(lesson.stem)),
        )
    except PlantEduError as error:
        st.warning(str(error))
        return
    st.rerun()


def _locked(lesson: Lesson, asked: Prediction, made: Commitment) -> None:
    if not st.button("Show the answer", key=f"reveal {asked.id}"):
        label = dict(asked.options)[made.choice]
        st.caption(f"You said: *{label}* Try it first, then look.")
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
    """The loop in a sentence, each option with its explanation, the score beside a guess's."""
    st.markdown(_loop(asked, made))
    for key, label in asked.options:
        marks = ["**right**"] if key == made.answer else []
        marks += [f"your answer, {made.confidence:.0%} sure"] if key == made.choice else []
        icon = ":material/check_circle:" if key == made.answer else ":material/circle:"
        said = f" ({', '.join(marks)})" if marks else ""
        st.markdown(f"{icon} {label}{said}  \n{readable(asked.explanations[key])}")
    st.caption(
        f"Your Brier score: {made.score:z.2f}. Guessing evenly scores {made.even:z.2f}; "
        "0 is sure and right, 2 is sure and wrong."
        + (" The answer was open when you locked it: it does not count." if made.informed else "")
    )


def _loop(asked: Prediction, made: Commitment) -> str:
    """What was said, what the learner's own run gave, and what was recorded, with their nulls."""
    own = None
    if asked.settles.own is not None:
        own = own_number(asked.settles.own, session.store(), session.learner())
    try:
        recorded = settle(asked, Context(session.RESULTS))
    except PlantEduError:
        recorded = None
    return loop_words(asked, made, own, recorded)


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
        verdict = CheckResult(False, str(error))
    if verdict.right:
        kept(lambda: session.progress().solved(session.learner(), lesson.stem, task.id))
        st.success(verdict.text)
    else:
        st.warning(verdict.text)
