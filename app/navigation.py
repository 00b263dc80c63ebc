"""The pages of the course and how they hang together; run for each look at a page."""

import contextlib
import sys
from pathlib import Path

import streamlit as st

from plantedu.course.lessons import Lesson
from plantedu.errors import PlantEduError
from plantedu.jobs import launch

ROOT = Path(__file__).resolve().parents[1]
VIEWS, ICON = ROOT / "app" / "views", str(ROOT / "app" / "leaf.png")
SIDEBAR = 340  # pixels: room for the longest title


def show() -> None:
    """Run the page that is asked for."""
    if "app.session" not in sys.modules:  # a server's first page: the worker needs longest
        with contextlib.suppress(PlantEduError):  # the page says it below
            launch.ensure_worker("training")
    from app import address, session, visitor

    st.set_page_config("plantedu", ICON, layout="wide", initial_sidebar_state=SIDEBAR)
    session.hide_insides()
    try:
        pages = {one.stem: page_of(one) for one in session.lessons() if view_of(one).is_file()}
        workshop = st.Page(VIEWS / "00_workshop.py", title="Workshop", url_path="workshop")
        wall = st.Page(
            VIEWS / "00_projector.py", title="Wall", url_path="projector", visibility="hidden"
        )
        home = st.Page(VIEWS / "00_home.py", title="Home", icon=":material/home:", default=True)
        words = st.Page(VIEWS / "00_glossary.py", title="Words", url_path="glossary")
        host = [st.Page(VIEWS / "00_host.py", title="Host", url_path="host")]
        privacy = st.Page(
            VIEWS / "00_privacy.py",
            title="What is kept of you",
            url_path="privacy",
            visibility="hidden",
        )
        st.session_state["privacy"] = privacy
        lists = {
            "": [home, words, *(host if session.hosts() else []), privacy],
            "Lessons": [*pages.values()],
            "Teaching": [workshop, wall],
        }
        session.keep_pages(pages, workshop)
        place = "hidden" if address.on_wall() else "sidebar"
        page = st.navigation(lists, position=place)
        if page != wall:  # which belongs to nobody: no token stands in its address
            session.ensure_worker("training")  # torch and the default pairs at the first click
            visitor.arrive()
        page.run()
        visitor.seen()
    except PlantEduError as error:
        st.error(str(error), icon=":material/error:")


def view_of(lesson: Lesson) -> Path:
    """The view of the same stem."""
    return VIEWS / f"{lesson.stem}.py"


def page_of(lesson: Lesson) -> st.Page:
    """The page of a lesson: the view of the same stem."""
    return st.Page(
        view_of(lesson),
        title=f"{lesson.number} {lesson.title}",
        url_path=lesson.url,
        help=lesson.question,
    )
