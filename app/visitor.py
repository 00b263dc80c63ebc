"""A learner arrives: known by the token, counted by the address, and in a class by its code."""

import contextlib
import time

import streamlit as st

from app import address, session
from app.kept_class import keep_class, kept_class
from app.membership import sign
from plantedu.errors import PlantEduError
from plantedu.store.database import UNWRITABLE
from plantedu.store.limits import limits

NO_CODE = "The address of this page holds no code of a class: six letters and digits."
HOUR = 3600.0  # seconds after which a visit is noted again


def arrive() -> None:
    """Know the learner, and let them join the class in the address, once a session.

    Raises:
        PlantEduError: for who is blocked.
    """
    token = session.learner()
    if address.given("keeper"):
        keep_class(address.given("class"), address.given("keeper"))
    _join(token)
    sign()
    if said := st.session_state.get("said once", ""):
        st.toast(said)
    if limits().private:
        _note(token)


def seen() -> None:
    """The page was run to its end, so that what was to be said once has been said."""
    st.session_state.pop("said once", None)


def _join(token: str) -> None:
    code = address.given("class")
    if address.odd("class"):
        st.warning(NO_CODE, icon=":material/groups:")
    teaches = address.given("keeper") or kept_class()[0] == code
    if not code or teaches or st.session_state.get("came to") == code:
        return
    st.session_state["came to"] = code
    try:
        session.classes().join(code, token)
        st.toast(f"You are in class {code}: your answers are counted with it, without your name.")
    except PlantEduError as error:
        st.warning(str(error), icon=":material/groups:")


def _note(token: str) -> None:
    """Note where a learner comes from, once an hour; what cannot be written is not missed."""
    party, came = address.party(), st.session_state.get("came to", "")
    note = (token, party, came, int(time.monotonic() // HOUR))
    if st.session_state.get("visit") == note:
        session.visitors().check(token, party)
        return
    with contextlib.suppress(*UNWRITABLE):
        room = next(iter(session.classes().of(token)), "")
        session.visitors().arrive(token, party=party, room=room)
        st.session_state["visit"] = note
