"""The pages of the course and how they hang together; run for each look at a page."""

import contextlib
import sys
from dataclasses import dataclass
from pathlib import Path

import streamlit as st
from streamlit.errors import StreamlitAPIException

from app.glance import changed
from plantedu.course.lessons import Lesson
from plantedu.errors import PlantEduError
from plantedu.jobs import launch

ROOT = Path(__file__).resolve().parents[1]
VIEWS, ICON = ROOT / "app" / "views", str(ROOT / "app" / "leaf.png")
SIDEBAR = 340  # pixels: room for the longest title


@dataclass(frozen=True)
class Pages:
    """Every page; `of` are the lessons that they were made for."""

    of: tuple[tuple[str, str], ...]
    lessons: dict[str, st.Page]
    home: st.Page
    words: st.Page
    host: st.Page
    privacy: st.Page
    workshop: st.Page
    wall: st.Page


def show() -> None:
    """Run the page that is asked for."""
    if "app.session" not in sys.modules:  # a server's first page: the worker needs longest
        with contextlib.suppress(PlantEduError):  # the page says it below
            launch.ensure_worker("training")
    from app import address, put_back, session, visitor

    st.set_page_config("plantedu", ICON, layout="wide", initial_sidebar_state=SIDEBAR)
    session.hide_insides()
    try:
        session.begin_run()
        put_back.begin_run()
        made = _pages(tuple(one for one in session.lessons() if changed(view_of(one))))
        host = [made.host] if session.hosts() else []
        lists = {
            "": [made.home, made.words, *host, made.privacy],
            "Lessons": [*made.lessons.values()],
            "Teaching": [made.workshop, made.wall],
        }
        st.session_state["privacy"] = made.privacy
        session.keep_pages(made.lessons, made.workshop)
        place = "hidden" if address.on_wall() else "sidebar"
        page = st.navigation(lists, position=place)
        session.enter(page.url_path)
        if page != made.wall:  # which belongs to nobody: no token stands in its address
            session.ensure_worker("training")  # torch and the default pairs at the first click
            visitor.arrive()
        try:
            page.run()
        except (StreamlitAPIException, ValueError):
            if not put_back.undone():
                raise
            st.rerun()  # with its controls at their defaults
        visitor.seen()
    except PlantEduError as error:
        st.error(str(error), icon=":material/error:")


def _pages(lessons: tuple[Lesson, ...]) -> Pages:
    """The pages of this session, made once: each looks at the disk for its file."""
    of = tuple((one.stem, one.title) for one in lessons)
    kept: Pages | None = st.session_state.get("all pages")
    if kept is not None and kept.of == of:
        return kept
    made = Pages(
        of=of,
        lessons={one.stem: page_of(one) for one in lessons},
        home=st.Page(VIEWS / "00_home.py", title="Home", icon=":material/home:", default=True),
        words=st.Page(VIEWS / "00_glossary.py", title="Words", url_path="glossary"),
        host=st.Page(VIEWS / "00_host.py", title="Host", url_path="host"),
        privacy=st.Page(
            VIEWS / "00_privacy.py",
            title="What is kept of you",
            url_path="privacy",
            visibility="hidden",
        ),
        workshop=st.Page(VIEWS / "00_workshop.py", title="Workshop", url_path="workshop"),
        wall=st.Page(
            VIEWS / "00_projector.py", title="Wall", url_path="projector", visibility="hidden"
        ),
    )
    st.session_state["all pages"] = made
    return made


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
