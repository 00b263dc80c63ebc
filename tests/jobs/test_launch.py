import ast
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

import plantedu
from plantedu.jobs import launch
from plantedu.jobs.lanes import START_TAKES, claim_lane, lane_worker
from plantedu.jobs.launch import LOG_SIZE, detached, ensure_worker, open_log, see_to


@pytest.fixture
def tidy():
    """Ends the workers that a test started through `ensure_worker`."""
    yield
    for one in launch._started:
        one.process.kill()
        one.process.wait(timeout=20)
    launch._started.clear()


@pytest.mark.usefixtures("tidy")
def test_a_worker_is_started_once_and_does_the_work(store, until):
    run_id = store.submit("ping", {"steps": 2, "seconds": 0.0}, lane="analysis")
    assert ensure_worker("analysis", store=store, idle_exit=30)
    assert not ensure_worker("analysis", store=store)
    until(lambda: store.run(run_id).state == "done")
    assert not ensure_worker("analysis", store=store)
    (process,) = (one.process for one in launch._started)
    assert lane_worker(store, "analysis")["pid"] == process.pid
    process.terminate()
    process.wait(timeout=20)
    assert ensure_worker("analysis", idle_exit=0.2)  # without a store it opens the user's own
    until(lambda: launch._started[-1].process.poll() == 0)  # nothing to do: it goes by itself


@pytest.mark.usefixtures("tidy")
def test_on_a_busy_machine_one_worker_is_waited_for(store, clock, monkeypatch):
    """Eight had been started in three minutes, and each took the time that the first one needed."""
    nap = [sys.executable, "-c", "import time; time.sleep(60)"]
    started = []
    monkeypatch.setattr(
        launch, "start", lambda *_: started.append(subprocess.Popen(nap)) or started[-1]
    )
    assert ensure_worker("training", store=store)
    for _ in range(8):
        clock.ahead += START_TAKES + 1
        assert not ensure_worker("training", store=store)
    assert ensure_worker("analysis", store=store)  # another lane waits for nobody
    started[0].kill()
    started[0].wait(timeout=20)
    clock.ahead += START_TAKES + 1
    assert ensure_worker("training", store=store)  # it died on its way
    monkeypatch.setattr(launch, "COMES", 0.0)
    clock.ahead += START_TAKES + 1
    assert ensure_worker("training", store=store)  # it never came
    assert len(started) == 4


def test_asking_costs_little_while_a_worker_lives(store):
    claim_lane(store, "training", "w", 1)
    took = []
    for _ in range(20):
        began = time.perf_counter()
        assert not ensure_worker("training", store=store)
        took.append(time.perf_counter() - began)
    assert sorted(took)[10] < 0.05


def test_a_busy_database_is_asked_again_later(store, held_for):
    store.database.patience = 0.1
    store.close()
    held_for(store.path, 30)
    assert not ensure_worker("training", store=store)


def test_a_long_log_begins_anew(tmp_path):
    for expected in (LOG_SIZE + 1, 1):
        with open_log(tmp_path, "training") as log:
            log.write(b"x" * expected)
        assert (tmp_path / "logs" / "worker-training.log").stat().st_size == expected
    assert (tmp_path / "logs" / "worker-training.log.1").stat().st_size == LOG_SIZE + 1


def test_on_windows_a_worker_has_no_window_and_no_session_call(monkeypatch):
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(subprocess, "CREATE_NO_WINDOW", 8, raising=False)
    monkeypatch.setattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 2, raising=False)
    assert detached() == {"creationflags": 10}
    monkeypatch.setattr(sys, "platform", "linux")
    assert detached() == {"start_new_session": True}


POSIX = {"fcntl", "pwd", "grp", "resource", "termios", "pty"}
POSIX_CALLS = {"fork", "getuid", "setsid", "killpg", "kill", "mkfifo", "getppid", "wait3"}

PACKAGE = Path(plantedu.__file__).parent
FOR_HOSTS = ("host.py",)  # whoever hosts it does so in a container
GUARDED = {"bounds.py": ["resource"]}  # behind a look at the platform


def windows_unsafe(text: str) -> list[str]:
    """Modules and calls that Windows does not have, or where they do something else."""
    wrong = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            wrong += [alias.name for alias in node.names if alias.name in POSIX]
        if isinstance(node, ast.ImportFrom) and node.module in POSIX:
            wrong.append(node.module)
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "os":
            wrong += [node.attr] if node.attr in POSIX_CALLS else []
    return wrong


def test_nothing_here_needs_a_posix_system():
    rooms = ("store", "jobs", "sweeps", "commands")
    files = [f for room in rooms for f in sorted((PACKAGE / room).glob("*.py"))]
    files = [path for path in files if path.name not in FOR_HOSTS]
    assert len(files) > 20
    assert {f.name: windows_unsafe(f.read_text("utf-8")) for f in files} == {
        f.name: GUARDED.get(f.name, []) for f in files
    }
    assert windows_unsafe("import fcntl\nos.fork()\nos.kill(1, 0)") == ["fcntl", "fork", "kill"]


def test_the_worker_starts_from_any_folder_and_without_installation(store, start_worker, until):
    process = start_worker("replay")
    until(lambda: lane_worker(store, "replay"))
    log = store.path.parent / "logs" / "worker-replay.log"
    assert log.read_text() == ""
    assert process.poll() is None
    assert os.environ["PLANTEDU_HOME"] == str(store.path.parent)


@pytest.mark.usefixtures("tidy")
def test_a_run_whose_worker_was_killed_is_done_for_whoever_looks(store, until):
    """Nobody but a look at the run itself: its lane gets a worker, which takes it back."""
    run_id = store.submit("ping", {"steps": 3, "seconds": 0.1}, lane="analysis", worker="a-1-dead")
    assert not see_to(store.run(run_id), store=store)  # it has just begun
    with store.database.write() as link:
        link.execute("UPDATE runs SET heartbeat = heartbeat - 60")
    assert see_to(store.run(run_id), store=store)
    until(lambda: store.run(run_id).state == "done")
    assert [event.name for event in store.events(run_id)] == ["start", "worker lost"]
