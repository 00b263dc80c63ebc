"""What stands in the address of a page, and is let in only in the form that it must have.

Anybody can send a learner a link. What is written in it becomes part of sentences on the page, and
a page's sentences are Markdown: a picture or a link in an address would stand there as ours. So
nothing else in `app/` reads the address, and what is here has letters, digits, - and _ alone.
"""

import re

import streamlit as st

from plantedu.serving.doors import FROM
from plantedu.store.visitors import party_of

TOKEN = re.compile(r"[A-Za-z0-9_-]{16,64}")
FORMS = {
    "learner": TOKEN,
    "keeper": TOKEN,
    "host": TOKEN,
    "class": re.compile(r"[A-Za-z0-9]{1,20}"),
    "run": re.compile(r"[0-9a-f]{8}"),
}
NUMBER = re.compile(r"[0-9][0-9.e+-]{0,20}")


def given(name: str) -> str:
    """A word of the address in the form that it must have; "" for any other."""
    text = "".join(str(st.query_params.get(name, "")).split())
    return text if FORMS.get(name, NUMBER).fullmatch(text) else ""


def odd(name: str) -> bool:
    """Whether the address holds something else than a word of this name's form."""
    return name in st.query_params and not given(name)


def put(name: str, word: str) -> None:
    """Write a word into the address."""
    st.query_params[name] = word


def drop(*names: str) -> None:
    """Take words out of the address."""
    for name in names:
        st.query_params.pop(name, None)


def party() -> str:
    """A name for the address that this visit comes from, as the server's door has seen it."""
    return party_of(st.context.headers.get(FROM.decode(), ""))
