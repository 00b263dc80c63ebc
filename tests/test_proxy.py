"""`hosting/nginx.conf` in a real nginx before a real server: what passes, what is added, refused.

The file as it stands, but for port, certificate and the address behind; skipped without nginx.
"""

import asyncio
import contextlib
import http.client
import os
import re
import shutil
import signal
import socket
import sqlite3
import ssl
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
OPENSSL = shutil.which("openssl")
pytestmark = pytest.mark.skipif(not (NGINX and OPENSSL), reason="nginx or openssl is not here")

ROOT = Path(__file__).parents[1]
NAME = "course.example.org"
STARTS_IN = 60.0  # seconds
AROUND = """
{user}
pid {folder}/nginx.pid;
error_log {folder}/error.log;
worker_processes 1;
events {{ worker_connections 256; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
{servers}
}}
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def as_here(text, *, folder, port, behind):
    """The file with this machine's port, certificate and server; each is there to be replaced."""
    for old, new in (
        ("listen 443 ssl;", f"listen 127.0.0.1:{port} ssl;"),
        ("/etc/ssl/course.pem", f"{folder}/course.pem"),
        ("/etc/ssl/course.key", f"{folder}/course.key"),
        ("http://127.0.0.1:8501", f"http://127.0.0.1:{behind}"),
    ):
        assert old in text, old
        text = text.replace(old, new)
    user = "user root;" if os.geteuid() == 0 else ""  # else its workers may not enter our folder
    return AROUND.format(user=user, folder=folder, servers=text)


@pytest.fixture(scope="module")
def proxied(tmp_path_factory):
    """The port of a proxy before a course."""
    folder = tmp_path_factory.mktemp("proxied")
    port, behind = free_port(), free_port()
    names = ["-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}"]
    subprocess.run(
        [
            *(str(OPENSSL), "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *names),
            *("-keyout", str(folder / "course.key"), "-out", str(folder / "course.pem")),
        ],
        check=True,
        capture_output=True,
    )
    text = (ROOT / "hosting" / "nginx.conf").read_text(encoding="utf-8")
    found = re.search(r"#   (PLANTEDU_HOSTS=\S+ PLANTEDU_PROXY_HEADER=\S+)", text)
    setting = dict(word.split("=") for word in found[1].split())  # as the file says
    (folder / "nginx.conf").write_text(as_here(text, folder=folder, port=port, behind=behind))
    with (folder / "server.log").open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "plantedu", "serve", "--port", str(behind)],
            cwd=folder,
            env={
                **os.environ,
                **setting,
                "PLANTEDU_HOME": str(folder / "home"),
                "PLANTEDU_HOSTED": "1",
                "PYTHONPATH": str(ROOT),
                "STREAMLIT_SERVER_HEADLESS": "true",
            },
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    proxy = subprocess.Popen(
        [str(NGINX), "-p", str(folder), "-c", str(folder / "nginx.conf"), "-g", "daemon off;"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    try:
        until = time.monotonic() + STARTS_IN
        while time.monotonic() < until:
            assert proxy.poll() is None, proxy.stderr.read().decode()
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{behind}/_stcore/health", timeout=1)
                break
            except OSError:
                assert server.poll() is None, (folder / "server.log").read_text()
                time.sleep(0.1)
        yield port, folder
    finally:
        proxy.terminate()
        proxy.wait(timeout=20)
        proxy.stderr.close()
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(timeout=20)
        with contextlib.closing(sqlite3.connect(folder / "home" / "plantedu.sqlite")) as link:
            pids = [pid for (pid,) in link.execute("SELECT pid FROM workers WHERE pid > 0")]
        for pid in pids:  # a page started it all the same, where this took long
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGTERM)


def trusting(folder):
    return ssl.create_default_context(cafile=str(folder / "course.pem"))


def asked(proxied, method="GET", path="/", body=None, **headers):
    port, folder = proxied
    link = http.client.HTTPSConnection("127.0.0.1", port, timeout=30, context=trusting(folder))
    link._create_connection = socket.create_connection
    link.connect = lambda: _connected(link, port, folder)
    link.request(method, path, body=body, headers={"Host": NAME, **headers})
    found = link.getresponse()
    data = found.read()
    link.close()
    return found, data


def _connected(link, port, folder):
    plain = socket.create_connection(("127.0.0.1", port), timeout=30)
    link.sock = trusting(folder).wrap_socket(plain, server_hostname=NAME)


def opened(proxied, origin):
    """A websocket through the proxy that asks for the home page; status, session, what came."""

    async def talk():
        port, folder = proxied
        try:
            async with connect(
                f"wss://{NAME}/_stcore/stream",
                host="127.0.0.1",
                port=port,
                ssl=trusting(folder),
                origin=origin,
                subprotocols=["streamlit"],
                max_size=None,
            ) as link:
                wish = BackMsg()
                wish.rerun_script.query_string = ""
                await link.send(wish.SerializeToString())
                kinds, session = [], ""
                while not kinds or kinds[-1] != "script_finished":
                    message = ForwardMsg()
                    message.ParseFromString(await asyncio.wait_for(link.recv(), 60))
                    kinds.append(message.WhichOneof("type"))
                    if kinds[-1] == "new_session":
                        session = message.new_session.initialize.session_id
                statuses = await asyncio.to_thread(uploads, proxied, session)
                return 101, kinds, statuses
        except InvalidStatus as refused:
            return refused.response.status_code, [], []

    return asyncio.run(talk())


def uploads(proxied, session):
    """Statuses of a small file, one of 20 MB, and one above the limit."""
    found, _ = asked(proxied, path="/_stcore/health")
    cookie = found.headers["set-cookie"].partition(";")[0]
    headers = {
        "Cookie": cookie,
        "X-Xsrftoken": cookie.partition("=")[2],
        "Origin": f"https://{NAME}",
    }
    headers["Content-Type"] = "multipart/form-data; boundary=x"
    head = b'--x\r\nContent-Disposition: form-data; name="f"; filename="a.csv"\r\n\r\n'
    statuses = []
    for name, size in (("0", 1000), ("1", 20 * 2**20), ("2", 22 * 2**20)):
        path = f"/_stcore/upload_file/{session}/{name}"
        body = head + bytes(size) + b"\r\n--x--\r\n"
        try:
            statuses.append(asked(proxied, "PUT", path, body, **headers)[0].status)
        except OSError:  # nginx hangs up on who sends on after a refusal
            statuses.append(413)
    return statuses


def test_nginx_takes_the_file(proxied):
    _, folder = proxied
    words = [str(NGINX), "-t", "-p", str(folder), "-c", str(folder / "nginx.conf")]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "warn" not in done.stderr.replace('the "user" directive', "")


@pytest.mark.parametrize("path", ["/", "/training", "/_stcore/health"])
def test_pages_pass_with_their_policy_once(proxied, path):
    found, _ = asked(proxied, path=path)
    assert found.status == 200
    for name, word in (
        ("content-security-policy", f"wss://{NAME}"),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("strict-transport-security", "max-age="),
    ):
        assert len(found.headers.get_all(name)) == 1, name
        assert word in found.headers[name]


def test_a_page_runs_over_its_websocket_and_uploads_have_their_limit(proxied, expect_worker):
    expect_worker(proxied[1] / "home")
    status, kinds, statuses = opened(proxied, f"https://{NAME}")
    assert status == 101
    assert kinds.count("delta") > 5
    assert statuses == [204, 204, 413]


@pytest.mark.parametrize("origin", ["https://evil.example", "null", f"https://{NAME}.evil.example"])
def test_a_page_of_another_server_gets_no_socket(proxied, origin):
    assert opened(proxied, origin)[0] == 403


def test_a_name_that_is_not_ours_gets_no_page(proxied):
    found, _ = asked(proxied, Host="rebound.evil.example")
    assert found.status in (421, 444)


def test_who_asks_is_written_by_the_proxy_and_not_believed_of_a_visitor(proxied):
    """Two hundred visitors of one address stay one, whatever they say of themselves."""
    _, folder = proxied
    found, _ = asked(proxied, **{"X-Real-IP": "203.0.113.99", "X-Forwarded-For": "203.0.113.98"})
    assert found.status == 200
    conf = (folder / "nginx.conf").read_text()
    assert "proxy_set_header X-Real-IP $remote_addr;" in conf
