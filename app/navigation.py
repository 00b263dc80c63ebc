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
    from app import session, visitor

    st.set_page_config("plantedu", ICON, layout="wide", initial_sidebar_state=SIDEBAR)
    session.hide_insides()
    workshop = st.Page(VIEWS / "00_workshop.py", title="Workshop", url_path="workshop")
    home = st.Page(VIEWS / "00_home.py", title="Home", icon=":material/home:", default=True)
    try:
        session.ensure_worker(
            "training"
        )  # torch and the default pairs are there at the first click
        visitor.arrive()
        lessons = [
            lesson for lesson in session.lessons() if (VIEWS / f"{lesson.stem}.py").is_file()
        ]
        pages = {lesson.stem: page_of(lesson) for lesson in lessons}
        host = [st.Page(VIEWS / "00_host.py", title="Host", url_path="host")]
        looks_after = host if session.hosts() else []
        lists = {"": [home, *looks_after], "Lessons": [*pages.values()], "Teaching": [workshop]}
        privacy = st.Page(
            VIEWS / "00_privacy.py",
            title="What is kept of you",
            url_path="privacy",
            visibility="hidden",
        )
        lists[""].append(privacy)
        st.session_state["privacy"] = privacy
        session.keep_pages(pages, workshop)
        st.navigation(lists).run()
    except PlantEduError as error:
        st.error(str(error), icon=":material/error:")


def page_of(lesson: Lesson) -> st.Page:
    """The page of a lesson: the view of the same stem."""
    return st.Page(
        VIEWS / f"{lesson.stem}.py",
        title=f"{lesson.number} {lesson.title}",
        url_path=lesson.url,
        help=lesson.question,
    )
