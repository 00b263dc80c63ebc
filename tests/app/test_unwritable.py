"""Reading never fails for want of a write: a full disk, a held lock, a home that is read-only."""

import contextlib
import os
import shutil
import sqlite3
import subprocess

import pytest
from streamlit.testing.v1 import AppTest

from app import session
from plantedu.course.lessons import HEADINGS
from plantedu.course.predictions import Predictions
from plantedu.course.progress import Progress
from plantedu.store.store import FILE
from tests.app.conftest import MAIN, text_of

NOT_KEPT = "Your progress is not kept at the moment; you can read on."
LESSON = "02_training"


def mount(*words):
    """Mount something, or skip where one may not."""
    try:
        done = subprocess.run(["mount", *words], capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        done = False
    if not done:
        pytest.skip("may not mount here")


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A small disk as the home; what is mounted over it is gone after the test."""
    home = tmp_path / "disk"
    home.mkdir()
    mount("-t", "tmpfs", "-o", "size=2m", "plantedu-test", str(home))
    monkeypatch.setenv("PLANTEDU_HOME", str(home))
    yield home
    subprocess.run(["umount", "-l", str(home)], check=True)


@contextlib.contextmanager
def full(home):
    with contextlib.suppress(OSError), (home / "filler").open("wb", buffering=0) as file:
        for size in (65_536, 512, 1):
            with contextlib.suppress(OSError):
                while file.write(bytes(size)):
                    pass
    yield
    (home / "filler").unlink()


@contextlib.contextmanager
def held(home):
    """Another process keeps the write lock."""
    link = sqlite3.connect(home / FILE, isolation_level=None)
    link.execute("BEGIN IMMEDIATE")
    yield
    link.close()


@contextlib.contextmanager
def read_only(home):
    subprocess.run(["mount", "-o", "remount,ro", str(home)], check=True)
    yield
    subprocess.run(["mount", "-o", "remount,rw", str(home)], check=True)


@contextlib.contextmanager
def read_only_beside_a_log(home):
    """As after a crash: the last rows are in the write-ahead log, and no memory map is there."""
    link = sqlite3.connect(home / FILE)
    link.execute("SELECT * FROM runs").fetchall()  # who reads keeps the log
    Progress(home / FILE).solved("a-learner-of-the-course", "l", "1.1")
    for end in ("", "-wal"):
        shutil.copy(f"{home / FILE}{end}", f"{home / FILE}.copy{end}")
    link.close()
    for end in ("-wal", "-shm"):
        (home / f"{FILE}{end}").unlink(missing_ok=True)
    for end in ("", "-wal"):
        os.replace(f"{home / FILE}.copy{end}", f"{home / FILE}{end}")
    assert (home / f"{FILE}-wal").stat().st_size
    with read_only(home):
        yield


WAYS = pytest.mark.parametrize("way", [full, held, read_only, read_only_beside_a_log])


def opened(token, view=LESSON):
    app = AppTest.from_file(str(MAIN), default_timeout=60)
    app.query_params["learner"] = token
    app.run()
    app.switch_page(f"views/{view}.py")
    app.query_params["learner"] = token
    app.run()
    assert not app.exception, app.exception
    return app


@WAYS
def test_a_lesson_is_read_with_what_was_kept_before(place, token, way):
    asked = session.lesson(LESSON).predictions[0]
    book = Predictions(place / FILE)
    book.commit(token, LESSON, asked, asked.keys[0], 0.5)
    book._database.close()
    with way(place):
        app = opened(token)
        words = text_of(app)
        assert NOT_KEPT in words
        assert words.count(NOT_KEPT) == 1
        assert [header.value for header in app.header] == [*HEADINGS, "Claim"]
        assert "You said: *" in words


@pytest.mark.parametrize("way", [full, read_only])
def test_a_lesson_is_read_where_no_store_could_be_made(place, token, way):
    with way(place):
        app = opened(token, "01_pairs")
        assert NOT_KEPT in text_of(app)
        assert [header.value for header in app.header] == [*HEADINGS, "Claim"]


def test_a_lesson_is_read_where_no_home_can_be_made(place, token, monkeypatch):
    monkeypatch.setenv("PLANTEDU_HOME", str(place / "below"))
    with read_only(place):
        assert NOT_KEPT in text_of(opened(token))


@WAYS
@pytest.mark.usefixtures("workers")
def test_an_answer_that_cannot_be_kept_is_refused_in_a_sentence(place, token, way):
    asked = session.lesson(LESSON).predictions[0]
    Predictions(place / FILE)._database.close()
    with way(place):
        app = opened(token)
        app.radio(key=f"choice {asked.id}").set_value(asked.keys[0])
        next(one for one in app.button if one.label == "Lock my answer").click().run()
        assert not app.exception
        assert "You said: *" not in text_of(app)
        assert len(app.warning) >= 2
    app = opened(token)  # and with room again, it is kept
    assert NOT_KEPT not in text_of(app)


def test_a_lesson_says_nothing_while_all_is_kept(open_page):
    assert NOT_KEPT not in text_of(open_page(LESSON))
