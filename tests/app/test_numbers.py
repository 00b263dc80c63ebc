"""A number beyond its ends is said, and what is taken in its place is what is used."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

APP = Path(__file__).parents[2] / "app"


def page():
    import streamlit as st

    from app.numbers import whole_number

    taken = whole_number("Plant of the gallery", 0, 255, value=3, key="of")
    st.markdown(f"taken {taken}")


@pytest.mark.parametrize(
    ("given", "taken"), [(0, 0), (255, 255), (-5, 0), (999_999, 255), (10**12, 255)]
)
def test_the_nearest_end_is_taken_and_said(given, taken):
    """Streamlit's own ends leave 999999 in the box, in red, and hand on the number before it."""
    app = AppTest.from_function(page).run()
    assert app.markdown[0].value == "taken 3"
    assert not app.caption
    app.number_input(key="of").set_value(given).run()
    assert not app.exception
    assert app.markdown[0].value == f"taken {taken}"
    said = [one.value for one in app.caption]
    beyond = f":material/error: Plant of the gallery is from 0 to 255: **{taken}** is taken."
    assert said == ([] if given == taken else [beyond])


def test_every_number_of_the_course_is_asked_for_so():
    asking = [p.name for p in APP.rglob("*.py") if "number_input(" in p.read_text("utf-8")]
    assert asking == ["numbers.py"]
