"""Exercises in code on a page: the stub to fill in, the lines to type, what is solved.

A page shows them and runs nothing: a learner's code runs where the learner types the command.
"""

import streamlit as st

from app import session
from plantedu.course.blocks import InCode
from plantedu.course.lessons import Lesson
from plantedu.exercises.outline import outlines
from plantedu.store.limits import limits

COMMAND = "python -m plantedu exercise"
WHERE = "These run in a terminal or a notebook of your own, with the package installed."
KEPT = "This page shows what you solve on this machine."
HOSTED = "What you solve there is kept there."


def written_card(lesson: Lesson, block: InCode) -> None:
    """Each exercise of the list with its stub and commands, and which are solved."""
    solved = session.solved().get(lesson.stem, set())
    st.caption(f"{WHERE} {HOSTED if limits().private else KEPT}")
    for one in outlines(lesson.number):
        if one.key not in block.titles:
            continue
        with st.container(border=True, key=f"code {one.key.replace('.', '-')}"):
            done = " · :material/check: solved" if one.key in solved else ""
            st.markdown(f"**{one.key} {one.title}**{done}  \n{one.about}")
            with st.expander(f"What to write: {one.name}"):
                st.code(one.stub, language="python")
                lines = f"{COMMAND} start {one.key}\n{COMMAND} check {one.key}"
                st.code(lines, language="bash", wrap_lines=True)
    st.caption(f"This lesson as a Jupyter notebook: `python -m plantedu notebook {lesson.number}`")
