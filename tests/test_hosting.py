"""The container: what it sets is understood, what it starts is there, and it is not root."""

import contextlib
import json
import os
import runpy
import shlex
import sqlite3
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from streamlit import config

from app import server
from plantedu.jobs.snapshot import snapshot
from plantedu.jobs.snapshot_generations import generations
from plantedu.store.store import Store

ROOT = Path(__file__).parents[1]
COOKIE = "server.xsrfCookieSameSite"
VERIFY = runpy.run_path(str(ROOT / "hosting" / "verify"))
STEPS = VERIFY["instructions"]((ROOT / "Dockerfile").read_text(encoding="utf-8"))


def of(name):
    return [words for step, words in STEPS if step == name]


def test_streamlit_knows_every_setting():
    known = {
        "STREAMLIT_" + "".join("_" + c if c.isupper() else c for c in key).replace(".", "_").upper()
        for key in config.get_config_options()
    }
    pairs = [pair for words in of("ENV") for pair in shlex.split(words)]
    set_here = {name for name in (p.split("=")[0] for p in pairs) if name.startswith("STREAMLIT_")}
    assert len(set_here) >= 5
    assert set_here <= known


def test_it_runs_as_an_ordinary_user_with_what_is_pinned():
    assert "--uid 1000 learner" in of("RUN")[0]
    names = [name for name, _ in STEPS]
    assert names.index("USER") < names.index("CMD")
    assert of("USER") == ["learner"]
    assert any("pip install" in words and "-r requirements.txt" in words for words in of("RUN"))
    assert of("ARG") == ['TORCH_INDEX=""']  # a build for GPUs, unless one asks


@pytest.mark.parametrize("index", ["", "https://wheels.example/cpu"])
def test_a_build_for_cpus_leaves_cuda_out(index, tmp_path):
    """The step itself, with a stand-in for pip: what is asked for, and from where."""
    (step,) = [words for words in of("RUN") if "pip install" in words]
    (tmp_path / "requirements.txt").write_text(
        (ROOT / "requirements.txt").read_text(encoding="utf-8"), encoding="utf-8"
    )
    stub = '#!/bin/sh\nfor last; do :; done\necho "$PIP_EXTRA_INDEX_URL" > said\ncp "$last" asked\n'
    for name, text in (("pip", stub), ("python3", "#!/bin/sh\n")):
        (tmp_path / name).write_text(text, encoding="utf-8")
        (tmp_path / name).chmod(0o755)
    given = {"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}", "TORCH_INDEX": index}
    step = step.replace("/tmp/cpu.txt", str(tmp_path / "cpu.txt"))
    subprocess.run(["/bin/sh", "-c", step], cwd=tmp_path, env=given, check=True)
    lines = (tmp_path / "asked").read_text(encoding="utf-8").splitlines()
    pins = {line.split("==")[0] for line in lines if "==" in line}
    gpu = {one for one in pins if one.startswith(("nvidia-", "cuda-", "triton"))}
    assert {"torch", "torchvision", "streamlit"} <= pins
    assert bool(gpu) == (not index)
    assert (index in (tmp_path / "said").read_text(encoding="utf-8")) or not index


def test_what_it_starts_is_there_and_may_be_run():
    for words in (*of("CMD"), of("HEALTHCHECK")[0].split("CMD")[1]):
        path = ROOT / next(w for w in json.loads(words) if w.startswith("hosting/"))
        assert os.access(path, os.X_OK)


@pytest.mark.parametrize(("embedded", "site"), [("", "lax"), ("0", "lax"), ("1", "none")])
def test_a_cookie_that_crosses_sites_is_set_only_where_a_frame_is_asked_for(
    embedded, site, monkeypatch
):
    """Such a cookie is Secure, so that no upload works over the plain http of a room."""
    assert not any("SAME_SITE" in words for words in of("ENV"))
    monkeypatch.setenv("PLANTEDU_EMBED", embedded)
    monkeypatch.setenv("PLANTEDU_HOSTED", "1")
    before = os.umask(0o077)
    try:
        server.around()
        assert config.get_option(COOKIE) == site
    finally:
        config.set_option(COOKIE, "lax")
        os.umask(before)


def test_the_port_is_one():
    assert of("EXPOSE") == ["8501"]
    assert any("STREAMLIT_SERVER_PORT=8501" in words for words in of("ENV"))
    assert "app_port: 8501" in (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.fixture
def answering():
    class Answer(BaseHTTPRequestHandler):
        def do_GET(self):
            known = ("/_stcore/health", "/course/green/_stcore/health")
            self.send_response(200 if self.path in known else 404)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_health_check_tells_alive_from_dead(answering, monkeypatch):
    monkeypatch.setenv("STREAMLIT_SERVER_PORT", str(answering))
    with pytest.raises(SystemExit) as end:
        runpy.run_path(str(ROOT / "hosting" / "alive"))
    assert not end.value.code
    monkeypatch.setenv("STREAMLIT_SERVER_BASE_URL_PATH", "/course/green/")
    with pytest.raises(SystemExit) as end:
        runpy.run_path(str(ROOT / "hosting" / "alive"))
    assert not end.value.code
    monkeypatch.setenv("STREAMLIT_SERVER_BASE_URL_PATH", "elsewhere")
    with pytest.raises(OSError, match="404"):
        runpy.run_path(str(ROOT / "hosting" / "alive"))
    monkeypatch.setenv("STREAMLIT_SERVER_PORT", "1")
    with pytest.raises(OSError, match="refused"):
        runpy.run_path(str(ROOT / "hosting" / "alive"))


def test_an_unknown_instruction_is_not_passed_over(tmp_path):
    with pytest.raises(SystemExit, match="does not know VOLUME"):
        VERIFY["Root"](tmp_path).do("VOLUME", "/data")


SERVER = """#!{python}
import os, signal, sys, time
if sys.argv[1:3] == ["-m", "streamlit"]:
    from plantedu.store.store import Store
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(7))
    store = Store()
    open(os.environ["SAYS"], "w").write("up")
    try:
        time.sleep(60)
    finally:
        store.submit("kept", {{"at": "the last moment"}}, lane="analysis")
        store.close()
os.execv({python!r}, [{python!r}, *sys.argv[1:]])
"""


def test_a_clean_stop_keeps_the_last_moment(tmp_path, plantedu_home, monkeypatch):
    """The engine's SIGTERM reaches the server; what it wrote until then is in the last snapshot."""
    stand_in = tmp_path / "bin" / "python3"
    stand_in.parent.mkdir()
    stand_in.write_text(SERVER.format(python=sys.executable))
    stand_in.chmod(0o755)
    disk = tmp_path / "disk"
    disk.mkdir()
    backup_of_an_empty_store(disk, tmp_path)
    setting = os.environ | {
        "PATH": f"{stand_in.parent}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "PLANTEDU_SNAPSHOTS": str(disk),
        "SAYS": str(tmp_path / "up"),
    }
    course = subprocess.Popen([str(ROOT / "hosting" / "start")], env=setting, cwd=ROOT)
    try:
        ends = time.monotonic() + 60
        while not ((tmp_path / "up").exists() and len(generations(disk)) > 1):
            assert time.monotonic() < ends, "it did not start"
            time.sleep(0.05)
        course.terminate()
        assert course.wait(timeout=30) == 7
    finally:
        course.kill()
    with contextlib.closing(sqlite3.connect(generations(disk)[0].path)) as link:
        assert link.execute("SELECT request FROM runs").fetchall() == [
            ('{"at":"the last moment"}',)
        ]


def backup_of_an_empty_store(disk, tmp_path):
    """A first generation, so that the start does not wait for a mount."""
    store = Store(tmp_path / "before" / "plantedu.sqlite")
    snapshot(store.path.parent, disk)
    store.close()
