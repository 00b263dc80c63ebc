"""What is kept of a learner, how long, by whom; delete it, or start again."""

import os

import streamlit as st

from app import address, session
from app.optional_writes import asked_once
from app.page import READING
from plantedu.course.classes import DAYS as CLASS_DAYS
from plantedu.course.classes import STEP
from plantedu.course.predictions import new_token
from plantedu.course.record import Record
from plantedu.jobs.snapshot_generations import DAYS, HOURS
from plantedu.serving.password import HOURS as PASSWORD_HOURS
from plantedu.store.limits import limits
from plantedu.store.paths import home_place

WHAT = f"""
| what | how long | who sees it |
|---|---|---|
| your predictions with their confidence, solved exercises, claims, lessons opened | until you \
delete them | you; whoever knows the address of your page |
| runs that you asked for: settings, numbers, results | until you delete them; their files may go \
a week after nobody has looked at them | you, and who asked for the same |
| a file that you upload | until its run has ended | nobody |
| that you are in a class | until you delete it, at most {CLASS_DAYS} days | the class sees counts \
of {STEP} members or more, without who said what |
| where you come from: your network address as a hash, with a key that is nowhere written | a day, \
on a shared host alone; not at all on your own machine | nobody |
| a line a request in the log: which run, the first letters of a hash of your key | until the log \
is full and begins anew | who hosts the course |
| copies of the store, where the host keeps them: all of the above but uploads and log | {HOURS} \
hours and {DAYS} days on which the course ran | who hosts the course |

No name, no e-mail, no account, and nothing is sent to anybody else. Two cookies at most: one that
keeps other pages from writing in your name, and, where a password is asked for, one that remembers
for {PASSWORD_HOURS} hours that you know it.
"""


def _host() -> None:
    """Who keeps it."""
    if not limits().private:
        st.markdown(f"This course runs on your own machine: all is in `{home_place()}`.")
    elif contact := os.environ.get("PLANTEDU_CONTACT", "").strip():
        st.text(f"Kept by who hosts this course: {contact}")
    else:
        st.markdown(
            "Kept by who hosts this course, on their machine. They have not said how to reach "
            "them; ask whoever gave you the address."
        )


def _delete() -> None:
    """Delete the record, and be somebody new: the address of before opens nothing any more."""
    Record(session.store(), session.learner()).delete()
    said = {
        name: st.session_state[name]
        for name in ("pages", "workshop", "privacy", "host")
        if name in st.session_state
    }
    st.session_state.clear()
    st.session_state.update(said)
    token = new_token()
    st.session_state["learner"] = token
    address.drop("run", "class")
    address.put("learner", token)


with st.container(width=READING):
    st.title("What is kept of you", anchor=False)
    if said := st.session_state.pop("forgotten", ""):
        st.success(said)
    st.markdown(
        "You are known by a random key alone: it stands in the address of your page, after "
        "`learner=`. Whoever knows it sees your record."
    )
    st.markdown(WHAT)
    _host()
    record = Record(session.store(), session.learner())
    st.header("Yours", anchor=False)
    st.markdown(f"Kept now under your key: {record.kept()}.")
    asked_once(
        "Start again",
        "Your predictions, solved exercises and claims are deleted. Your runs and your class stay.",
        "start again",
        record.start_again,
    )
    asked_once(
        "Delete my record",
        "All that is kept under your key is deleted, and you get a new key. A run that others "
        "asked for too goes on for them. Copies that the host keeps lose it as they age.",
        "delete my record",
        _delete,
    )
