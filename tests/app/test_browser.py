"""A stranger with a real browser: press Train, watch, cancel, reload; predict, reload.

One server and one Chromium for all of them; both, and the worker that the page started, are gone
when the tests are over. They take a minute of both cores and are asked for by -m slow; what the
pages say and do without a browser is in the plain tests beside this file.
"""

import contextlib
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import numpy as np
import pytest

from plantedu.course.classes import Classes
from plantedu.course.lessons import lessons_in
from plantedu.course.predictions import Predictions, new_token
from plantedu.course.projection import Projection, Stage
from plantedu.course.report_export.packing import learner_record, pack
from plantedu.store.store import Store
from tests.course.report_export.conftest import COURSE, RESULTS, fill

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium here; Debian: apt install chromium"),
]
ROOT = Path(__file__).parents[2]
STEP = re.compile(r"step [1-9]\d* of 2400")
QUICK = "training?size=quick&steps=2400"
WAIT = 120_000  # milliseconds; two busy cores import torch and render first
HOST = "whoever-hosts-this-course"
ALLOWED = ("_stcore/health", "_stcore/host-config")  # Streamlit looks for them on deep links
# Vega's axes; Streamlit's tables, navigation and code blocks; the place to drop a file.
KNOWN = {
    "aria-dialog-name",  # a toast, some seconds long
    "presentation-role-conflict",
    "empty-table-header",
    "list",
    "listitem",
    "scrollable-region-focusable",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """PLANTEDU_HOME of the server; a worker that it started is ended after the tests."""
    home = tmp_path_factory.mktemp("browser")
    yield home
    with contextlib.closing(sqlite3.connect(home / "plantedu.sqlite")) as link:
        pids = [row[0] for row in link.execute("SELECT pid FROM workers WHERE pid > 0")]
    for pid in pids:
        with contextlib.suppress(OSError):
            os.kill(pid, signal.SIGTERM)


@pytest.fixture(scope="module")
def url(folder):
    """Address of a server of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = {"address": "127.0.0.1", "port": port, "headless": "true", "fileWatcherType": "none"}
    words = [f"--server.{name}={value}" for name, value in options.items()]
    command = [sys.executable, "-m", "streamlit", "run", str(ROOT / "app" / "main.py"), *words]
    with (folder / "server.log").open("wb") as log:
        server = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, "PLANTEDU_HOME": str(folder), "PLANTEDU_HOST_TOKEN": HOST},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            wait_for(f"http://127.0.0.1:{port}/_stcore/health")
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(timeout=20)


def wait_for(address):
    for _ in range(600):
        with contextlib.suppress(OSError):
            urllib.request.urlopen(address, timeout=1).read()
            return
        time.sleep(0.1)
    raise AssertionError("the server did not start")


@pytest.fixture(scope="module")
def chromium():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as tools:
        browser = tools.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield browser
        browser.close()


@pytest.fixture
def page(chromium):
    """A page of a new visitor; what the browser complains about fails the test."""
    context = chromium.new_context(viewport={"width": 1366, "height": 900}, reduced_motion="reduce")
    page, said = context.new_page(), []
    page.set_default_timeout(WAIT)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on(
        "console",
        lambda line: said.append(f"{line.text} {line.location}") if line.type == "error" else None,
    )
    yield page
    context.close()
    assert [line for line in said if not any(known in line for known in ALLOWED)] == []


def button(page, name):
    return page.get_by_role("button", name=name, exact=True)


def settle(page, last):
    """Wait until the page is whole, down to its last heading."""
    page.get_by_role("heading", name=last).wait_for()
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
    page.wait_for_function("() => !document.querySelector('[data-stale=true]')")
    page.wait_for_load_state("networkidle")


def test_train_watch_cancel_and_find_it_again(page, url):
    page.goto(f"{url}/{QUICK}")
    button(page, "Train").click()
    page.get_by_text(STEP).first.wait_for()
    loss = page.locator("[aria-label^='Loss over'], [alt^='Loss over']").first
    loss.wait_for()
    before = page.get_by_text(STEP).first.inner_text()
    page.wait_for_function(
        "before => { const now = document.body.innerText.match(/step [1-9]\\d* of 2400/);"
        " return now && now[0] !== before }",
        arg=before.split(" ·")[0],
    )
    address = page.url
    assert re.search(r"run=[0-9a-f]{8}", address)
    button(page, "Cancel").click()
    page.get_by_text("cancelled", exact=True).wait_for()
    button(page, "Cancel").wait_for(state="hidden")
    page.reload()
    page.get_by_text("cancelled", exact=True).wait_for()
    assert re.findall(r"run=[0-9a-f]{8}", page.url) == re.findall(r"run=[0-9a-f]{8}", address)
    loss.wait_for()


def test_a_commitment_survives_a_reload(page, url):
    page.goto(f"{url}/pairs")
    card = page.locator(".st-key-prediction-mesophyll_in_rgb")
    card.get_by_role("radio").first.wait_for(state="attached")
    card.locator("label", has_text="No value moves").click()
    card.get_by_role("button", name="Lock my answer").click()
    card.get_by_text("You said").wait_for()
    assert "learner=" in page.url
    page.reload()
    card.get_by_text("You said").wait_for()
    assert card.get_by_role("radio").count() == 0
    outcome = page.locator(".st-key-outcome-mesophyll_in_rgb")
    outcome.get_by_role("button", name="Show the answer").click()
    outcome.get_by_text("Your Brier score").wait_for()


def test_the_learner_stays_the_same_from_page_to_page(page, url):
    page.goto(url)
    settle(page, "Lessons")
    token = re.findall(r"learner=([\w-]+)", page.url)
    page.get_by_role("link", name="01 Two cameras").first.click()
    page.get_by_role("heading", name="Question").wait_for()
    page.wait_for_url("**/pairs?*learner=*")
    assert re.findall(r"learner=([\w-]+)", page.url) == token


WIDER = "() => { const main = document.querySelector('[data-testid=stMain]');" + (
    " return main.scrollWidth - main.clientWidth }"
)
HOLDS = f"""() => {{  // no sideways scrolling for half a second on end
    const now = performance.now()
    if (({WIDER})() > 0) window.narrowSince = now
    window.narrowSince ??= now
    return now - window.narrowSince > 500
}}"""
LESSONS = [lesson.url for lesson in lessons_in(ROOT / "lessons")]
HOSTS = f"host?host={HOST}"
JOINED, WALL = "?class={code}", "projector?class={code}"
LEADS = "workshop?class={code}&keeper={keeper}"
LAST = {
    "": "Lessons",
    "workshop": "What is stored",
    HOSTS: "How busy this machine is",
    "privacy": "Yours",
    "glossary": "Words and symbols",
    JOINED: "Lessons",
    WALL: "its question",
    LEADS: "What is stored",
}


@pytest.fixture(scope="module")
def led(url, folder):
    """Code and key of a class of four whose wall shows a question, its votes and its answer."""
    store = Store(folder / "plantedu.sqlite")
    code, keeper = Classes(store.path).begin("")
    lesson = next(one for one in lessons_in(ROOT / "lessons") if one.stem == "01_pairs")
    asked = lesson.predictions[1]
    for k in range(4):
        token = new_token()
        Classes(store.path).join(code, token)
        Predictions(store.path).commit(token, lesson.stem, asked, asked.keys[k % 2], 0.6)
    shown = Stage(lesson.stem, asked.id, votes=True, answer=True)
    Projection(store.path).put(code, keeper, shown)
    store.close()
    return {"code": code, "keeper": keeper, "question": asked.question}


def check_parts(page):
    """One heading of the first level; nothing new that axe, an accessibility checker, finds."""
    from axe_playwright_python.sync_playwright import Axe

    assert page.get_by_role("heading", level=1).count() == 1
    violations = Axe().run(page).response["violations"]
    where = {one["id"]: [node["html"][:200] for node in one["nodes"]] for one in violations}
    assert {name: nodes for name, nodes in where.items() if name not in KNOWN} == {}


@pytest.mark.parametrize("path", [*LAST, *LESSONS])
def test_pages_fit_a_phone_and_tell_their_parts_by_day_and_night(page, url, led, path):
    """No sideways scrolling at 390 px, on paper and at night."""
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{url}/{path.format(**led)}")
    settle(page, led["question"] if path == WALL else LAST.get(path, "Further reading"))
    page.wait_for_function(HOLDS)
    check_parts(page)
    page.emulate_media(color_scheme="dark")
    page.wait_for_timeout(1000)
    settle(page, led["question"] if path == WALL else LAST.get(path, "Further reading"))
    check_parts(page)


def test_a_neighbours_report_is_verified_by_the_worker(page, url, folder, tmp_path):
    """Pressed for real: what it made again, and, by itself and with its reason, what it did not."""
    store, token = Store(folder / "plantedu.sqlite"), new_token()
    fill(store, token)
    run_id = store.submit("ping", {"steps": 1}, lane="analysis", learner=token, worker="w")
    store.finish(run_id, {"steps": 1}, worker="w")
    data = pack(learner_record(token, store.path, store), COURSE, RESULTS)
    store.close()
    (tmp_path / "plantedu-report.zip").write_bytes(data)
    page.goto(f"{url}/report")
    settle(page, "Further reading")
    page.get_by_role("tab", name="Export").click()
    page.get_by_role("heading", name="A neighbour's report").wait_for()
    page.locator("input[type=file]").set_input_files(tmp_path / "plantedu-report.zip")
    button(page, "Verify it").click()
    page.get_by_text("0 differ, 1 not made again").wait_for()
    page.get_by_text("nothing is known about these numbers").wait_for()
    assert not list(folder.rglob("uploads/*/*"))
    settle(page, "Further reading")
    check_parts(page)


def two_losses():
    """A table with two columns that could be the loss, each with a step of its own."""
    generator = np.random.default_rng(0)
    noise = generator.normal(0, 0.02, (300, 2))
    rows = [f"{10 * k},{4 - (k >= 200) + a:.4f},{4 - (k >= 90) + b:.4f}"
            for k, (a, b) in enumerate(noise)]  # fmt: skip
    return ("step,train_a loss,valid_b loss\n" + "\n".join(rows) + "\n").encode()


def test_a_table_of_ones_own_on_a_phone_at_night(page, url, tmp_path):
    """The worker reads it, a column of two is chosen, the step found; a damaged one is said."""
    page.set_viewport_size({"width": 390, "height": 844})
    page.emulate_media(color_scheme="dark")
    page.goto(f"{url}/bump")
    settle(page, "Further reading")
    page.get_by_test_id("stButtonGroup").get_by_text("My file").click()
    (tmp_path / "mine.csv").write_bytes(two_losses())
    chooser = page.locator("input[type=file]")
    chooser.set_input_files(tmp_path / "mine.csv")
    button(page, "Look for steps").click()
    page.get_by_text("2 columns could be the loss").wait_for()
    page.get_by_role("combobox", name="Column").click()
    page.get_by_role("option", name="valid_b loss").click()
    button(page, "Look for steps").click()
    page.get_by_text("at step 900").wait_for()
    settle(page, "Further reading")
    page.wait_for_function(HOLDS)
    check_parts(page)
    (tmp_path / "cut.csv").write_bytes(b"\x1f\x8b cut off")
    page.get_by_role("button", name=re.compile("Remove")).click()
    chooser.set_input_files(tmp_path / "cut.csv")
    page.get_by_role("combobox", name="Column").wait_for(state="detached")
    button(page, "Look for steps").click()
    page.get_by_text("The file cannot be read: it is damaged or was cut off").wait_for()


def tab_to(page, wanted):
    """Press Tab until an element has the focus, as a person without a mouse does; it is seen."""
    wanted.wait_for(state="attached")
    for _ in range(250):
        page.keyboard.press("Tab")
        if wanted.evaluate("one => one === document.activeElement"):
            assert wanted.evaluate("one => one.matches(':focus-visible')")
            return
    raise AssertionError(f"250 presses of Tab do not reach {wanted}")


def test_predict_run_and_reveal_by_keyboard_alone(page, url):
    page.goto(f"{url}/training?size=quick&steps=60")
    settle(page, "Further reading")
    card = page.locator("[class*=st-key-prediction-]").first
    tab_to(page, card.get_by_role("radio").first)
    page.keyboard.press("Space")
    tab_to(page, card.get_by_role("button", name="Lock my answer"))
    page.keyboard.press("Enter")
    card.get_by_text("You said").wait_for()
    tab_to(page, button(page, "Train"))
    page.keyboard.press("Enter")
    page.locator("[class*=st-key-run-state]").get_by_text("done", exact=True).wait_for()
    outcome = page.locator("[class*=st-key-outcome-]").first
    tab_to(page, outcome.get_by_role("button", name="Show the answer"))
    page.keyboard.press("Space")
    outcome.get_by_text("Your Brier score").wait_for()
