"""A learner's class: joined by its code, seen on every page, left by a button."""

import streamlit as st

from app import address, session
from app.kept_class import kept_class
from app.optional_writes import kept
from plantedu.course.classes import LENGTH, tidy
from plantedu.errors import PlantEduError


def sign() -> None:
    """In the sidebar of every page: which class one is in, and the way out."""
    for code in session.classes().of(session.learner()):
        with st.sidebar.popover(f"In class {code}", icon=":material/groups:", key=f"in {code}"):
            _leave(code, "sign")


def joining() -> None:
    """On Home: the class one is in, or a field for a code."""
    mine = session.classes().of(session.learner())
    for code in mine:
        with st.container(border=True, key=f"member {code}"):
            st.markdown(f":material/groups: **You are in class {code}.**")
            _leave(code, "home")
    if mine or kept_class()[0]:
        return
    with (
        st.form("join class", border=False),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        given = st.text_input(
            "In a class? Its code",
            max_chars=2 * LENGTH,
            placeholder="six letters and digits",
            width=260,
            key="class code",
        )
        sent = st.form_submit_button("Join", icon=":material/groups:")
    if sent:
        _join(given or "")


def _join(given: str) -> None:
    try:
        session.classes().join(tidy(given), session.learner())
    except PlantEduError as error:
        st.warning(str(error), icon=":material/groups:")
        return
    st.rerun()


def _leave(code: str, where: str) -> None:
    st.caption("Your answers are counted with it, without your name. Nobody sees that you leave.")
    if not st.button("Leave the class", key=f"leave {code} {where}"):
        return
    if kept(lambda: session.classes().leave(code, session.learner())):
        address.drop("class")  # else a reload joins again
        st.rerun()
