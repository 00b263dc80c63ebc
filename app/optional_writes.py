"""Writes that a page can do without: it says what is not kept, and goes on."""

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
