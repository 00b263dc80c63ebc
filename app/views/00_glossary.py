"""The words and symbols of the course, each with what it is; `glossary?word=kl` opens one."""

import streamlit as st

from app import address, session
from app.page import READING, caption
from plantedu.course.glossary import Term, terms_in


def _entry(term: Term) -> None:
    where = (
        f"Here it has this meaning in lesson {', '.join(term.lessons)}. " if term.lessons else ""
    )
    with st.container(border=True, key=f"word {term.anchor}"):
        st.markdown(f"**{term.title}**  \n{term.what}")
        st.caption(f"{where}{term.section}")


terms = terms_in(session.LESSONS)
with st.container(width=READING):
    st.title("Words and symbols", anchor=False)
    caption("Where a word first stands in a lesson, hold the pointer over it, or open it")
    asked = address.given("word")
    for one in terms:
        if one.anchor == asked:
            _entry(one)
    wanted = st.text_input("Search", max_chars=40, key="glossary search").lower().split()
    found = [t for t in terms if all(w in f"{t.title} {t.what}".lower() for w in wanted)]
    st.caption(f"{len(found)} of {len(terms)}")
    for section in dict.fromkeys(one.section for one in found):
        st.header(section, anchor=False)
        inside = [one for one in found if one.section == section]
        rows = [f"| {one.title} | {one.what} |" for one in inside]
        st.markdown("\n".join(["| | what it is |", "|---|---|", *rows]))
