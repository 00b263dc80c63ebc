"""The page for the person who teaches: a class, and the half-day plan."""

import streamlit as st

from app import address, session
from app.kept_class import kept_class
from app.lesson_text import readable
from app.page import READING, caption
from app.teacher import KEEPER, begin, room

with st.container(width=READING):
    st.title("Workshop", anchor=False)
    caption("For the person who teaches")
    code, keeper = kept_class()  # from the address, or from before a walk
    if code and keeper and session.classes().keeps(code, keeper):
        room(code, keeper)
    else:
        if keeper or address.given(KEEPER):
            st.warning("This address holds no class that is still there: it ended, or was deleted.")
        begin()
    st.markdown(readable((session.LESSONS / "workshop.md").read_text(encoding="utf-8")))
    sheets = {path.stem: path for path in sorted((session.LESSONS / "teaching").glob("*.md"))}
    chosen = st.selectbox(
        "Run sheets, plans, hand-outs",
        list(sheets),
        index=None,
        format_func=lambda stem: stem.replace("_", " "),
        placeholder="Choose one (the answer key tells the answers)",
        key="sheet",
    )
    if chosen:
        st.markdown(readable(sheets[chosen].read_text(encoding="utf-8")))
