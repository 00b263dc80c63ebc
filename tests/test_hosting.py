"""The container: what it sets is understood, what it starts is there, and it is not root."""

import json
import os
import runpy
import shlex
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from streamlit import config

ROOT = Path(__file__).parents[1]
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
    assert len(set_here) >= 6
    assert set_here <= known


def test_it_runs_as_an_ordinary_user_with_what_is_pinned():
    assert "--uid 1000 learner" in of("RUN")[0]
    names = [name for name, _ in STEPS]
    assert names.index("USER") < names.index("CMD")
    assert of("USER") == ["learner"]
    assert any("pip install" in words and "-r requirements.txt" in words for words in of("RUN"))
    assert not any("torch" in words or "cuda" in words.lower() for words in of("RUN"))


def test_what_it_starts_is_there_and_may_be_run():
    for words in (*of("CMD"), of("HEALTHCHECK")[0].split("CMD")[1]):
        path = ROOT / next(w for w in json.loads(words) if w.startswith("hosting/"))
        assert os.access(path, os.X_OK)


def test_the_port_is_one():
    assert of("EXPOSE") == ["8501"]
    assert any("STREAMLIT_SERVER_PORT=8501" in words for words in of("ENV"))
    assert "app_port: 8501" in (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.fixture
def answering():
    class Answer(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200 if self.path == "/_stcore/health" else 404)
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
    monkeypatch.setenv("STREAMLIT_SERVER_PORT", "1")
    with pytest.raises(OSError, match="refused"):
        runpy.run_path(str(ROOT / "hosting" / "alive"))


def test_an_unknown_instruction_is_not_passed_over(tmp_path):
    with pytest.raises(SystemExit, match="does not know VOLUME"):
        VERIFY["Root"](tmp_path).do("VOLUME", "/data")
