"""The classes of a machine, for who hosts it: how many are in each, and a way to end one."""

import streamlit as st

from app import session
from app.optional_writes import kept


def classes() -> None:
    """A table, and a button that asks once."""
    st.header("Classes", anchor=False)
    found = session.classes().every()
    if not found:
        st.caption("There is no class.")
        return
    rows = [
        {"class": one.code, "people": one.people, "ends in days": round(one.days_left, 1)}
        for one in found
    ]
    st.dataframe(rows, hide_index=True, alt="Classes, people in each, days that are left")
    with st.popover("Delete a class", icon=":material/delete:", key="host delete"):
        code = st.selectbox("Class", [one.code for one in found], index=None, key="host class")
        st.caption("Its code, key, counts and membership go; learners keep their own answers.")
        pressed = st.button("Delete it for good", disabled=code is None, key="host delete class")
    if pressed and code and kept(lambda: session.classes().remove(code)):
        st.rerun()
