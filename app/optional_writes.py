"""Writes of a page: one that fails is said, and the page goes on; one that deletes asks once."""

from collections.abc import Callable

import streamlit as st

from app import session
from plantedu.errors import PlantEduError


def opened(stem: str) -> str:
    """Note that a learner is at a lesson; "" or why their progress is not kept at the moment."""
    if st.session_state.get("lesson opened") == stem:
        return ""
    try:
        session.progress().opened(session.learner(), stem)
    except PlantEduError as error:
        return str(error)  # the next run of the page tries again
    st.session_state["lesson opened"] = stem
    return ""


def kept(write: Callable[[], object]) -> bool:
    """Whether something could be written; if not, a line says why, and the page goes on."""
    try:
        write()
    except PlantEduError as error:
        st.warning(f"This is not kept. {error}", icon=":material/cloud_off:")
        return False
    return True


def asked_once(label: str, warning: str, key: str, act: Callable[[], None]) -> None:
    """A button that asks once before it acts."""
    if st.button(label, key=key):
        st.session_state["sure of"] = key
    if st.session_state.get("sure of") != key:
        return
    st.warning(warning)
    with st.container(horizontal=True):
        yes = st.button("Yes", key=f"{key} yes", type="primary")
        no = st.button("No, keep it", key=f"{key} no")
    if yes and kept(act):
        st.session_state["sure of"] = ""
        st.session_state["forgotten"] = f"Done: {label.lower()}."
        st.rerun()
    if no:
        st.session_state["sure of"] = ""
        st.rerun()
