"""What the pages share: lessons, the store, the learner, and results that are read again."""

import os
from collections.abc import Callable
from functools import lru_cache
from hmac import compare_digest
from pathlib import Path
from typing import Any, TypeVar

import streamlit as st

from app import address, folding
from app.glance import changed, glanced
from plantedu.charts.tables import series_of
from plantedu.course.claims import Claims
from plantedu.course.classes import Classes
from plantedu.course.family import read_results
from plantedu.course.lessons import Lesson, lessons_in
from plantedu.course.predictions import Commitment, Predictions, is_token, new_token
from plantedu.course.progress import Progress
from plantedu.errors import PlantEduError
from plantedu.jobs import launch
from plantedu.serving import operator_log
from plantedu.store.data_hash import data_hash
from plantedu.store.limits import limits
from plantedu.store.lineage import submit_branch
from plantedu.store.paths import home, home_place
from plantedu.store.recording import Recording, recording
from plantedu.store.run import Event, Run
from plantedu.store.series import Series
from plantedu.store.store import FILE, Store
from plantedu.store.uploads import Uploads, wanted
from plantedu.store.visible import VisibleStore
from plantedu.store.visitors import Visitors

ROOT = Path(__file__).resolve().parents[1]
LESSONS = ROOT / "lessons"
RESULTS = LESSONS / "results"
RECORDINGS = ROOT / "checkpoints" / "recordings"

T = TypeVar("T")

THIS_RUN = "this run"


def hide_insides() -> None:
    """On a shared host, show an error that nobody foresaw as a sentence, without its trace."""
    if limits().private:
        st.set_option("client.showErrorDetails", "none")


@glanced
def lessons() -> list[Lesson]:
    """Every lesson, in order."""
    return lessons_in(LESSONS)


def lesson(stem: str) -> Lesson:
    """The lesson of a page.

    Raises:
        PlantEduError: if the page has no lesson.
    """
    for one in lessons():
        if one.stem == stem:
            return one
    raise PlantEduError(f"The page {stem} has no lesson; write lessons/{stem}.md.")


def keep_pages(pages: dict[str, st.Page], workshop: st.Page) -> None:
    """Remember the pages of this run, for links between them."""
    st.session_state["pages"], st.session_state["workshop"] = pages, workshop


def pages() -> dict[str, st.Page]:
    """Page of each lesson by its stem."""
    return st.session_state.get("pages", {})


def workshop() -> st.Page | None:
    """The page for who teaches."""
    return st.session_state.get("workshop")


def dark() -> bool:
    """Whether the learner looks at the dark theme."""
    return st.context.theme.type == "dark"


def learner() -> str:
    """The learner's token: from the URL, this session, or new; then it stands in the URL."""
    given = address.given("learner")
    token: str = given if is_token(given) else st.session_state.get("learner") or new_token()
    st.session_state["learner"] = token
    if given != token:
        address.put("learner", token)
    return token


def hosts() -> bool:
    """Whether this is who hosts the course: they know the token in PLANTEDU_HOST_TOKEN."""
    token = os.environ.get("PLANTEDU_HOST_TOKEN", "")
    given = address.given("host") or st.session_state.get("host", "")
    if not is_token(token) or not compare_digest(given.encode(), token.encode()):
        return False
    st.session_state["host"] = given
    return True


def visitors() -> Visitors:
    """Who comes from where."""
    return _visitors(str(home_place() / FILE))


def store() -> VisibleStore:
    """The runs of this machine as this learner sees them: on a shared host, their own."""
    return VisibleStore(_store(str(home_place() / FILE)), learner())


def predictions() -> Predictions:
    """The commitments of all learners."""
    return _predictions(str(home_place() / FILE))


def once(name: str, ask: Callable[[], T]) -> T:
    """What was asked first while this page is run, for the cards that ask the same of the store."""
    kept: dict[str, T] = st.session_state.setdefault(THIS_RUN, {})
    if name not in kept:
        kept[name] = ask()
    return kept[name]


def begin_run() -> None:
    """A page begins: the store is asked anew."""
    st.session_state[THIS_RUN] = {}


def enter(page: str) -> None:
    """A page is run; whether another one was before it is known until then."""
    st.session_state["entered"] = st.session_state.get("page on screen") != page
    st.session_state["page on screen"] = page


def entered() -> bool:
    """Whether this run is the first of its page since another one was looked at."""
    return st.session_state.get("entered", True)


def committed(stem: str) -> dict[str, Commitment]:
    """What the learner has predicted in a lesson, as it was when this run began."""
    return once(f"committed {stem}", lambda: predictions().of(learner(), stem))


def looked(stem: str) -> frozenset[str]:
    """What the learner looked at before predicting it: items of a lesson, "" for Explain."""
    return once(f"looked {stem}", lambda: progress().looked(learner(), stem))


def solved() -> dict[str, set[str]]:
    """The exercises that the learner had solved when this run began, by lesson."""
    return once("solved", lambda: progress().solved_by(learner()))


def progress() -> Progress:
    """How far the learners are."""
    return _progress(str(home_place() / FILE))


def classes() -> Classes:
    """The classes of this machine."""
    return _classes(str(home_place() / FILE))


def claims() -> Claims:
    """The claims of all learners."""
    return _claims(str(home_place() / FILE))


def ensure_worker(lane: str) -> None:
    """Start a worker for this lane where none lives."""
    launch.ensure_worker(lane, store=store())


def see_to(run: Run) -> None:
    """Start a worker for a run that nobody does."""
    launch.see_to(run, store=store())


def submit(
    kind: str,
    request: dict[str, Any],
    *,
    lane: str = "training",
    name: str = "",
    fresh: bool = False,
) -> str:
    """Ask for a run in the learner's name, and see that somebody does it; its id.

    Raises:
        PlantEduError: where the queue takes no more, or the request's data cannot be read.
    """
    about = data_hash(request) if kind in ("train", "finetune") else ""
    rest = {"lane": lane, "learner": learner(), "name": name, "fresh": fresh, "data_hash": about}
    return _asked(kind, lane, lambda: store().submit(kind, request, **rest))


def keep(data: bytes) -> str:
    """Keep a learner's file for the worker; its name, for a request.

    Raises:
        PlantEduError: where it is too large, or there are too many.
    """
    return Uploads(home()).keep(data, learner=learner(), needed=wanted(store()))


def branch(parent: str, *, at: str = "plateau", learning_rate: float | None = None) -> str:
    """Ask for a run with the recipe of another that starts from a checkpoint of it.

    Args:
        parent: The other run.
        at: Which checkpoint: a step, last, or its best plateau.
        learning_rate: Highest rate of the schedule; the other's own by default.

    Raises:
        PlantEduError: where that run has no checkpoint, or the queue takes no more.
    """
    changes = {} if learning_rate is None else {"learning_rate": learning_rate}
    rest = {"at": at, "changes": changes, "learner": learner()}
    return _asked("train", "training", lambda: submit_branch(store(), parent, **rest))


def resume(run: Run) -> None:
    """Go on with a paused run.

    Raises:
        PlantEduError: where that may not be.
    """
    _asked(run.kind, run.lane, lambda: store().resume(run.id, learner=learner()).id)


def _asked(kind: str, lane: str, ask: Callable[[], str]) -> str:
    """Ask for work, see that somebody does it, and write it to the host's log; the run's id."""
    try:
        run_id = ask()
    except PlantEduError as error:
        operator_log.refused(kind, learner=learner(), reason=str(error))
        raise
    operator_log.asked(kind, lane=lane, learner=learner(), run=run_id)
    ensure_worker(lane)
    return run_id


@st.cache_resource(max_entries=4)
def _store(path: str) -> Store:
    return Store(Path(path))


@st.cache_resource(max_entries=4)
def _visitors(path: str) -> Visitors:
    return Visitors(Path(path))


@st.cache_resource(max_entries=4)
def _predictions(path: str) -> Predictions:
    return Predictions(Path(path))


@st.cache_resource(max_entries=4)
def _classes(path: str) -> Classes:
    return Classes(Path(path))


@st.cache_resource(max_entries=4)
def _claims(path: str) -> Claims:
    return Claims(Path(path))


@st.cache_resource(max_entries=4)
def _progress(path: str) -> Progress:
    return Progress(Path(path))


def results(name: str) -> dict[str, Any]:
    """A committed results file of a lesson, read again only when it has changed.

    All learners share what is returned: nobody writes to it.

    Raises:
        PlantEduError: if it is not there, or waits for a bet.
    """
    folding.check()
    return _results(str(RESULTS), name, changed(RESULTS / f"{name}.json"))


def result_as(make: Callable[[dict[str, Any]], T], name: str) -> T:
    """A committed result without its command as `make` makes it, anew when the file has changed.

    Raises:
        PlantEduError: if it is not there, or waits for a bet.
    """
    folding.check()
    return _result_as(make, str(RESULTS), name, changed(RESULTS / f"{name}.json"))


@lru_cache(maxsize=16)
def _result_as(make: Callable[[dict[str, Any]], Any], folder: str, name: str, written: int) -> Any:
    found = _results(folder, name, written)
    return make({key: value for key, value in found.items() if key != "command"})


@st.cache_resource(max_entries=32, show_spinner=False)
def _results(folder: str, name: str, written: int) -> dict[str, Any]:
    return read_results(Path(folder), name)


@glanced
def known_recording(name: str) -> Recording | None:
    """What is known of a recorded run; None where it is damaged or not there."""
    try:
        return recording(name)
    except PlantEduError:
        return None


def recorded(name: str) -> tuple[Recording, dict[str, Series]] | None:
    """A recorded run with its series; None where it is damaged or not there."""
    return _recorded(name, str(home_place()))


def recorded_events(name: str) -> list[Event]:
    """What happened in a recorded run; all learners share what is returned.

    Raises:
        PlantEduError: where it is damaged or not there.
    """
    return _events(name, str(home_place()))


@st.cache_resource(max_entries=4, show_spinner=False)
def _events(name: str, place: str) -> list[Event]:
    return recording(name).events()


@st.cache_resource(max_entries=4, show_spinner=False)
def _recorded(name: str, place: str) -> tuple[Recording, dict[str, Series]] | None:
    try:
        found = recording(name)
        return found, series_of(found.metrics())
    except PlantEduError:
        return None
