"""A number that the learner types, and what is said of one beyond its ends."""

from typing import Any

import streamlit as st


def whole_number(label: str, low: int, high: int, *, key: str, **how: Any) -> int:
    """A whole number from `low` to `high`.

    Streamlit with ends of its own marks a number beyond them red and hands on the one before it:
    what is drawn is then not what stands in the box. Here the nearest end is taken, and said.

    Args:
        label: What the number is.
        low, high: Its ends.
        key: Of the control.
        how: All else that `st.number_input` takes.
    """
    given = int(st.number_input(label, step=1, key=key, **how))
    taken = min(max(given, low), high)
    if taken != given:
        st.caption(f":material/error: {label} is from {low} to {high}: **{taken}** is taken.")
    return taken
