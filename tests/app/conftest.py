"""The app in this process, with no worker started, and a run that is half done."""

import re
import sys
from functools import cache
from pathlib import Path

import pytest
from streamlit import config
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

from plantedu.course.lessons import lessons_in
from plantedu.course.predictions import new_token
from plantedu.course.progress import Progress
from plantedu.store.recording import export_run
from plantedu.store.run import Metric
from plantedu.store.store import Store
from plantedu.training.recipe import Recipe

HOVER = re.compile(r'\[([^]]*)\]\([^()\s]* "[^"]*"\)')  # a word with its entry in the glossary
MAIN = Path(__file__).parents[2] / "app" / "main.py"
sys.path.insert(0, str(MAIN.parents[1]))  # the app is not installed; its entry file does the same


@pytest.fixture(autouse=True, scope="session")
def _components_found_once():
    """Each AppTest reads the metadata of all installed packages, .9 s; they are the same ones."""
    once = cache(manifest_scanner.scan_component_manifests)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", once)
        yield


@pytest.fixture
def workers(monkeypatch):
    """Lanes that a page asked a worker for."""
    asked = []
    monkeypatch.setattr(
        "plantedu.jobs.launch.ensure_worker", lambda lane, **_: asked.append(lane) or False
    )
    return asked


@pytest.fixture
def hosted(monkeypatch):
    """The limits of a machine that many share."""
    before = config.get_option("client.showErrorDetails")
    monkeypatch.setenv("PLANTEDU_HOSTED", "1")
    yield
    config.set_option("client.showErrorDetails", before)


@pytest.fixture
def token():
    return new_token()


@pytest.fixture(scope="session")
def addresses():
    """Where each page is, as the first visit to home tells it."""
    return {}


@pytest.fixture
def open_page(workers, token, addresses):
    """Opens a page as a learner does, by its URL; "" is home.

    Recorded results are open, as for who has asked for them; `folded` keeps them for the bets.
    """

    def open_page(view="", *, folded=False, **query):
        if view and not folded:
            show_recorded(view, token)
        app = AppTest.from_file(str(MAIN), default_timeout=60)
        if view and not addresses:
            app.query_params["learner"] = token
            addresses.update(app.run()._registered_pages)
        if view:
            app._registered_pages = dict(addresses)
            app.switch_page(f"views/{view}.py")
        for name, value in {"learner": token, **query}.items():
            app.query_params[name] = value
        app.run()
        assert not app.exception, app.exception
        return app

    return open_page


def show_recorded(stem, token, path=None):
    """What "Show it anyway" keeps, for each bet of a lesson."""
    lesson = next(
        (one for one in lessons_in(MAIN.parents[1] / "lessons") if one.stem == stem), None
    )
    for asked in lesson.predictions if lesson else ():
        Progress(path).explained(token, stem, asked.id)


@pytest.fixture
def store(plantedu_home):
    return Store(plantedu_home / "plantedu.sqlite")


@pytest.fixture
def half_done(store, token):
    """A training that stands at step 100 of 200."""
    recipe = Recipe(steps=200, probe_factors=("disease",))
    run_id = store.submit(
        "train", recipe.as_json(), lane="training", learner=token, name="half done"
    )
    store.lease("training", "tester")
    names = ("loss", "entropy", "divergence", "x1_to_x2", "x2_to_x1", "prototype_usage")
    rows = [Metric(step, name, 4.0 - step / 100) for step in range(1, 101) for name in names]
    for step in (0, 50, 100):
        for view in ("rgb", "rgn", "both"):
            value = 0.4 + step / 250
            rows.append(Metric(step, f"probe/disease/{view}", value, value - 0.02, value + 0.02))
            rows.append(Metric(step, f"null/disease/{view}", 0.34, 0.32, 0.36))
    rows += [Metric(0, f"chance/disease/{view}", 1 / 3) for view in ("rgb", "rgn", "both")]
    rows.append(Metric(100, "steps_per_second", 5.0))
    store.log(run_id, rows, step=100)
    store.set_step(run_id, 100, 200)
    store.event(run_id, 40, "learning-rate peak")
    return run_id


@pytest.fixture
def recording(store, half_done, plantedu_home):
    """The half-done run as a recording, under the name that the home page shows."""
    return export_run(
        store, half_done, plantedu_home / "recordings" / "cross-0", title="A recorded run"
    )


def text_of(app):
    """All words that a page shows: text, captions, notes, alt texts of charts; no hover texts."""
    kinds = ("title", "header", "subheader", "markdown", "caption", "info", "warning", "error")
    words = [element.value for kind in kinds for element in app.get(kind)]
    words += [chart.proto.alt for chart in app.get("vega_lite_chart")]
    words += [bar.text for bar in app.get("progress")]
    return HOVER.sub(r"\1", "\n".join(word for word in words if word))
