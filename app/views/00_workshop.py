"""The page for the person who teaches: a class, and the half-day plan."""

import streamlit as st

from app import address, session
from app.lesson_text import readable
from app.page import READING, caption
from app.teacher import CODE, KEEPER, begin, room

with st.container(width=READING):
    st.title("Workshop", anchor=False)
    caption("For the person who teaches")
    kept = st.session_state.get("kept class", ("", ""))  # a walk to another page empties the URL
    code, keeper = address.given(CODE) or kept[0], address.given(KEEPER) or kept[1]
    if code and keeper and session.classes().keeps(code, keeper):
        room(code, keeper)
    else:
        if keeper:
            st.warning("This address holds no class that is still there: it ended, or was deleted.")
        begin()
    st.markdown(readable((session.LESSONS / "workshop.md").read_text(encoding="utf-8")))
