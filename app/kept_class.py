"""The class that a session teaches, and the walls of all classes."""

from pathlib import Path

import streamlit as st

from plantedu.course.projection import Projection
from plantedu.store.paths import home_place
from plantedu.store.store import FILE


def keep_class(code: str, keeper: str) -> None:
    """Remember a class and its key while this session lasts: links between pages drop both."""
    st.session_state["kept class"] = (code, keeper)


def kept_class() -> tuple[str, str]:
    """The class that this session teaches and its key; empty where it teaches none."""
    return st.session_state.get("kept class", ("", ""))


def projection() -> Projection:
    """What the walls of the classes show."""
    return _projection(str(home_place() / FILE))


@st.cache_resource(max_entries=4)
def _projection(path: str) -> Projection:
    return Projection(Path(path))
