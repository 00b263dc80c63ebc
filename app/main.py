"""The course, `streamlit run app/main.py`: home, and one page for each lesson in `lessons/`."""

import contextlib
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:  # started without the package being installed
    sys.path.insert(0, str(ROOT))

from plantedu.errors import PlantEduError  # noqa: E402
from plantedu.runs import launch  # noqa: E402

if "app.shelf" not in sys.modules:  # a server's first page: the worker needs longest
    with contextlib.suppress(PlantEduError):  # the page says it below
        launch.ensure_worker("training")

import streamlit as st  # noqa: E402

from app import shelf  # noqa: E402

VIEWS, ICON = ROOT / "app" / "views", str(ROOT / "app" / "leaf.png")
SIDEBAR = 340  # pixels: room for the longest title
st.set_page_config("plantedu", ICON, layout="wide", initial_sidebar_state=SIDEBAR)
shelf.hide_insides()


def page_of(lesson: shelf.Lesson) -> st.Page:
    """The page of a lesson: the view of the same stem."""
    return st.Page(
        VIEWS / f"{lesson.stem}.py",
        title=f"{lesson.number} {lesson.title}",
        url_path=lesson.url,
        help=lesson.question,
    )


workshop = st.Page(VIEWS / "00_workshop.py", title="Workshop", url_path="workshop")
home = st.Page(VIEWS / "00_home.py", title="Home", icon=":material/home:", default=True)
try:
    shelf.ensure_worker("training")  # torch and the default pairs are there before the first click
    shelf.arrive()
    lessons = [lesson for lesson in shelf.lessons() if (VIEWS / f"{lesson.stem}.py").is_file()]
    pages = {lesson.stem: page_of(lesson) for lesson in lessons}
    host = [st.Page(VIEWS / "00_host.py", title="Host", url_path="host")] if shelf.hosts() else []
    lists = {"": [home, *host], "Lessons": list(pages.values()), "Teaching": [workshop]}
    shelf.keep_pages(pages, workshop)
    st.navigation(lists).run()
except PlantEduError as error:
    st.error(str(error), icon=":material/error:")
