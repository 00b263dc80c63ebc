"""The wall of a class, for a projector: `projector?class=CODE`. It needs no key."""

import streamlit as st

from app import address
from app.projector import wall
from plantedu.course.classes import tidy

if code := tidy(address.given("class")):
    wall(code)
else:
    st.info("The address of this page holds no code of a class. Open it from the page Workshop.")
