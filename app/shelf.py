"""What the pages share: lessons, the store, the learner, and pictures kept for the next click."""

import base64
import io
import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
from PIL import Image

from plantedu.analysis.partners import PartnersResult, partners
from plantedu.analysis.pipe import PipeResult, feed
from plantedu.analysis.sight import SightResult, sight
from plantedu.course.family import read_results
from plantedu.course.lessons import Lesson, lessons_in
from plantedu.course.predictions import Predictions, is_token, new_token
from plantedu.course.progress import Progress
from plantedu.data.audit import Audit, audit_folder
from plantedu.data.pairs import Pairs, render
from plantedu.data.planting import write_folder
from plantedu.data.worlds import draw_factors, world
from plantedu.errors import PlantEduError, require
from plantedu.runs import launch
from plantedu.runs.curves import Curves, files, read_curves
from plantedu.runs.data_hash import data_hash
from plantedu.runs.home import home
from plantedu.runs.lineage import submit_branch
from plantedu.runs.recording import Recording, recording
from plantedu.runs.series import Series
from plantedu.runs.store import FILE, Store
from plantedu.tables import series_of

ROOT = Path(__file__).resolve().parents[1]
LESSONS = ROOT / "lessons"
RESULTS = LESSONS / "results"
ENCODERS = ROOT / "checkpoints"
RECORDINGS = ENCODERS / "recordings"

SIGHT = {"plants": 8, "size": 48}  # what a page renders while one waits
PARTNERS = {"plants": 64, "size": 48}
FOLDER = {"pairs": 32, "size": 64}
ON_CPU = 64  # pixels a side that a CPU draws while one waits

Do = tuple[tuple[str, float | str], ...]


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


def keep_pages(pages: dict[str, st.Page]) -> None:
    """Remember the pages of this run, for links between them."""
    st.session_state["pages"] = pages


def pages() -> dict[str, st.Page]:
    """Page of each lesson by its stem."""
    return st.session_state.get("pages", {})


def dark() -> bool:
    """Whether the learner looks at the dark theme."""
    return st.context.theme.type == "dark"


def learner() -> str:
    """The learner's token: from the URL, this session, or new; then it stands in the URL."""
    given = st.query_params.get("learner", "")
    token: str = given if is_token(given) else st.session_state.get("learner") or new_token()
    st.session_state["learner"] = token
    if given != token:
        st.query_params["learner"] = token
    return token


def store() -> Store:
    """The runs of this machine."""
    return _store(str(home() / FILE))


def predictions() -> Predictions:
    """The commitments of all learners."""
    return _predictions(str(home() / FILE))


def progress() -> Progress:
    """How far the learners are."""
    return _progress(str(home() / FILE))


def ensure_worker(lane: str) -> None:
    """Start a worker for this lane where none lives."""
    launch.ensure_worker(lane, store=store())


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
    run_id = store().submit(
        kind, request, lane=lane, learner=learner(), name=name, fresh=fresh, data_hash=about
    )
    ensure_worker(lane)
    return run_id


def branch(parent: str) -> str:
    """Ask for a run with the recipe of another that starts at that one's best plateau.

    Raises:
        PlantEduError: where that run has no checkpoint, or the queue takes no more.
    """
    run_id = submit_branch(store(), parent, learner=learner())
    ensure_worker("training")
    return run_id


@st.cache_resource(max_entries=4)
def _store(path: str) -> Store:
    return Store(Path(path))


@st.cache_resource(max_entries=4)
def _predictions(path: str) -> Predictions:
    return Predictions(Path(path))


@st.cache_resource(max_entries=4)
def _progress(path: str) -> Progress:
    return Progress(Path(path))


def results(name: str) -> dict[str, Any]:
    """A committed results file of a lesson, read again only when it has changed.

    Raises:
        PlantEduError: if it is not there.
    """
    path = RESULTS / f"{name}.json"
    return _results(str(RESULTS), name, path.stat().st_mtime_ns if path.is_file() else 0)


@st.cache_data(max_entries=16, show_spinner=False)
def _results(folder: str, name: str, changed: int) -> dict[str, Any]:
    return read_results(Path(folder), name)


def dissectable() -> list[str]:
    """Encoders whose units can be asked: what ships, the first ones first, and untrained ones."""
    ships = {path.name.removesuffix(".safetensors") for path in ENCODERS.glob("*.safetensors")}
    first = [name for name in ("cross-0", "rgb_only-0", "supervised_rgb-0") if name in ships]
    rest = sorted(name for name in ships - set(first) if not name.startswith("reader"))
    return [*first, "random:0", "random:1", *rest]


def denoiser() -> dict[str, Any]:
    """The card of the denoiser that draws when none is named: the largest for a CPU.

    Raises:
        PlantEduError: if none ships.
    """
    cards = [
        json.loads(path.read_text(encoding="utf-8"))
        for path in sorted((ROOT / "checkpoints" / "denoisers").glob("*.card.json"))
    ]
    fits = [card for card in cards if card["recipe"]["side"] <= ON_CPU]
    require(bool(fits), "No denoiser ships with this copy; train one: python -m plantedu denoise.")
    return max(fits, key=lambda card: card["recipe"]["side"])


def curves(name: str) -> Curves:
    """The curves of many runs, read again only when their files have changed.

    Raises:
        PlantEduError: if they are not there.
    """
    changed = [path.stat().st_mtime_ns for path in files(RESULTS / name) if path.is_file()]
    return _curves_in(str(RESULTS / name), tuple(changed))


@st.cache_data(max_entries=4, show_spinner=False)
def _curves_in(path: str, changed: tuple[int, ...]) -> Curves:
    return read_curves(Path(path))


def known_recording(name: str) -> Recording | None:
    """What is known of a recorded run; None where it is damaged or not there."""
    try:
        return recording(name)
    except PlantEduError:
        return None


def recorded(name: str) -> tuple[Recording, dict[str, Series]] | None:
    """A recorded run with its series; None where it is damaged or not there."""
    return _recorded(name, str(home()))


@st.cache_data(max_entries=4, show_spinner=False)
def _recorded(name: str, place: str) -> tuple[Recording, dict[str, Series]] | None:
    try:
        found = recording(name)
        return found, series_of(found.metrics())
    except PlantEduError:
        return None


@st.cache_data(max_entries=200, show_spinner=False)
def pair(name: str, plant: int, size: int, do: Do = ()) -> Pairs:
    """One plant of a world in both cameras."""
    return render(world(name), [plant], size=size, do=dict(do))


@st.cache_data(max_entries=200, show_spinner=False)
def factors(name: str, plant: int) -> dict[str, float]:
    """What was drawn for one plant, by column."""
    drawn = draw_factors(world(name), np.array([plant]))
    return {column: values[0].item() for column, values in drawn.items()}


@st.cache_data(max_entries=8, show_spinner="Moving every factor in turn")
def seen(name: str, plants: int, size: int) -> SightResult:
    """Which camera sees which factor."""
    return sight(world(name), plants=plants, size=size)


@st.cache_data(max_entries=8, show_spinner="Looking for partners")
def matched(plants: int, size: int) -> PartnersResult:
    """What gives a partner away."""
    return partners(plants=plants, size=size)


@st.cache_data(max_entries=8, show_spinner=False)
def fed(name: str, pipe: str) -> PipeResult:
    """What a pipe feeds to the encoder."""
    return feed(world(name), pipe)


@st.cache_data(max_entries=4, show_spinner="Rendering a folder and reading every file of it")
def audited(pairs: int, size: int, leak: bool) -> tuple[Audit, dict[str, int]]:
    """Findings in a rendered challenge folder, and the leaks that were planted in it."""
    folder = home() / "demo" / f"folder-{pairs}-{size}-{'leaky' if leak else 'honest'}"
    written = write_folder(world("field"), folder, pairs=pairs, size=size, leak=leak)
    planted = Counter(place.leak for place in written.places if place.leak)
    return audit_folder(folder, near=True), dict(planted)


@st.cache_data(max_entries=8, show_spinner="Rendering the plants of the map")
def thumbnails(name: str, seed: int, plants: tuple[int, ...], size: int = 24) -> list[str]:
    """The RGB picture of each plant as an address that a chart can show."""
    pairs = render(world(name, seed), list(plants), size=size)
    return [_address(image.transpose(1, 2, 0)) for image in pairs.x1]


def _address(picture: np.ndarray) -> str:
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "WEBP", quality=70)
    return "data:image/webp;base64," + base64.b64encode(file.getvalue()).decode()
