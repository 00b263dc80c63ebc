"""A room over plain http: the course at an address that is not this machine's own, under a path.

In a network namespace of its own, so that nothing outside this machine can reach it; skipped where
none may be made.
"""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ADDRESS, PORT, BASE, TOKEN = "192.168.77.1", 8599, "/course/green", "a-token-of-the-host"
STARTS_IN = 120.0  # seconds
NETWORK = f"ip link set lo up && ip addr add {ADDRESS}/24 dev lo && exec "


def may_unshare():
    if not (shutil.which("unshare") and shutil.which("nsenter") and shutil.which("ip")):
        return False
    words = ["unshare", "--net", "sh", "-c", f"{NETWORK} true"]
    return subprocess.run(words, capture_output=True, check=False).returncode == 0


pytestmark = pytest.mark.skipif(not may_unshare(), reason="may make no network here")


def environment(folder):
    given = {
        "PLANTEDU_HOME": str(folder / "home"),
        "PLANTEDU_HOST_TOKEN": TOKEN,
        "STREAMLIT_SERVER_BASE_URL_PATH": BASE,
        "STREAMLIT_SERVER_PORT": str(PORT),
        "PYTHONPATH": str(ROOT),
    }
    return {k: v for k, v in os.environ.items() if not k.startswith("PLANTEDU_")} | given


def inside(pid, *words, **options):
    """Run words in the network of a process."""
    return subprocess.run(
        ["nsenter", f"--net=/proc/{pid}/ns/net", *words],
        capture_output=True,
        text=True,
        check=False,
        **options,
    )


@pytest.fixture(scope="module")
def room(tmp_path_factory, expect_worker):
    """The process id of a course for a room, and its folder."""
    folder = tmp_path_factory.mktemp("room")
    expect_worker(folder / "home")
    serve = f"{sys.executable} -m plantedu serve --room --port {PORT} --name {ADDRESS}"
    with (folder / "server.log").open("wb") as log:
        server = subprocess.Popen(
            ["unshare", "--net", "sh", "-c", NETWORK + serve],
            cwd=folder,
            env=environment(folder),
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        until = time.monotonic() + STARTS_IN
        alive = [sys.executable, str(ROOT / "hosting" / "alive")]
        while inside(server.pid, *alive, env=environment(folder)).returncode:
            assert server.poll() is None, (folder / "server.log").read_text()
            assert time.monotonic() < until, (folder / "server.log").read_text()
            time.sleep(0.3)
        yield server.pid, folder
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.pid, 15)
        server.wait(timeout=20)


@pytest.fixture(scope="module")
def responses(room):
    """What a visitor in the room sees."""
    client = str(Path(__file__).with_name("room_client.py"))
    done = inside(room[0], sys.executable, client, ADDRESS, str(PORT), BASE, TOKEN, timeout=120)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_an_upload_is_kept_over_plain_http(responses):
    """A browser at http://192.168.x.y keeps no Secure cookie: every upload was a 403 there."""
    assert responses["upload"]["status"] == 204
    assert "secure" not in responses["upload"]["cookie"]
    assert "samesite=lax" in responses["upload"]["cookie"]


def test_the_health_check_knows_the_path(room, responses):
    """The container's check asked the root, where nothing is, and ended a course that was well."""
    alive = [sys.executable, str(ROOT / "hosting" / "alive")]
    assert inside(room[0], *alive, env=environment(room[1])).returncode == 0
    assert responses["page"] == 200
    assert responses["root health"] == 404


def test_crawlers_stay_away(responses):
    assert "noindex" in responses["robots"]
    assert "Disallow: /" in responses["robots.txt"]


def test_only_the_host_sees_what_is_measured(responses):
    assert (responses["streamlit"], responses["stranger"]) == (404, 401)
    assert "plantedu_sessions" in responses["metrics"]
    assert "process_cpu_seconds_total" in responses["metrics"]
