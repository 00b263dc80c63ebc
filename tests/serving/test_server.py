"""The real server on 127.0.0.1: forged names and origins, uploads over plain http, addresses.

One server for all, hosted for many behind a proxy that writes X-Real-IP; it is gone afterwards.
"""

import asyncio
import http.client
import os
import socket
import subprocess
import sys
import time
import tomllib
import urllib.request
from pathlib import Path

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

ROOT = Path(__file__).parents[2]
EVIL = "rebound.evil.example"
STARTS_IN = 60.0  # seconds


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("served")


@pytest.fixture(scope="module")
def port(folder):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number = free.getsockname()[1]
    words = [f"--server.port={number}", "--server.headless=true", "--server.fileWatcherType=none"]
    setting = {"PLANTEDU_HOME": str(folder), "PLANTEDU_HOSTED": "1"}
    with (folder / "server.log").open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", str(ROOT / "app" / "main.py"), *words],
            cwd=folder,  # not the repository: the address must be right from anywhere
            env={**os.environ, **setting, "PYTHONPATH": str(ROOT)},
            stdout=log,
            stderr=log,
        )
    try:
        until = time.monotonic() + STARTS_IN
        while time.monotonic() < until:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{number}/_stcore/health", timeout=1)
                break
            except OSError:
                assert server.poll() is None, (folder / "server.log").read_text()
                time.sleep(0.1)
        yield number
    finally:
        server.terminate()
        server.wait(timeout=20)


def asked(port, method="GET", path="/", body=None, **headers):
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    link.request(method, path, body=body, headers=named)
    found = link.getresponse()
    data = found.read()
    link.close()
    return found, data


def test_it_listens_on_this_machine_only(port):
    listening = []
    for address in _own_addresses():
        with socket.socket() as try_it:
            try_it.settimeout(1)
            if try_it.connect_ex((address, port)) == 0:
                listening.append(address)
    assert listening == []


def _own_addresses():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # nothing is sent
        except OSError:
            pytest.skip("this machine has no other address")
        address = probe.getsockname()[0]
    return [] if address.startswith("127.") else [address]


def test_both_files_of_settings_say_so():
    for folder in (ROOT, ROOT / "app"):
        settings = tomllib.loads((folder / ".streamlit" / "config.toml").read_text("utf-8"))
        assert settings["server"]["address"] == "127.0.0.1"


@pytest.mark.parametrize("path", ["/", "/training", "/_stcore/health", "/_stcore/host-config"])
def test_no_page_under_a_name_that_is_not_ours(port, path):
    assert asked(port, path=path, Host=f"{EVIL}:{port}")[0].status == 421
    found, _ = asked(port, path=path, Host=f"127.0.0.1:{port}")
    assert found.status == 200
    assert found.headers["x-content-type-options"] == "nosniff"
    assert found.headers["referrer-policy"] == "no-referrer"
    assert "default-src 'self'" in found.headers["content-security-policy"]


async def opened(port, **headers):
    """Whether a websocket opens; and its answer if not."""
    try:
        async with connect(
            f"ws://127.0.0.1:{port}/_stcore/stream", subprotocols=["streamlit"], **headers
        ):
            return 101
    except InvalidStatus as refused:
        return refused.response.status_code


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("https://evil.example", 403),
        (f"http://{EVIL}", 403),
        ("http://localhost:1", 403),  # Streamlit itself lets any port of this machine in
        ("null", 403),
        ("http://127.0.0.1:{port}", 101),
        (None, 101),
    ],
)
def test_no_socket_for_a_page_of_another_server(port, origin, status):
    where = None if origin is None else origin.format(port=port)
    assert asyncio.run(opened(port, origin=where)) == status


def test_no_socket_under_a_name_that_is_not_ours(port):
    async def rebound():
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        words = (
            f"GET /_stcore/stream HTTP/1.1\r\nHost: {EVIL}:{port}\r\nOrigin: http://{EVIL}:{port}\r\n"
            "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            "Sec-WebSocket-Protocol: streamlit\r\n\r\n"
        )
        writer.write(words.encode())
        line = await reader.readline()
        writer.close()
        return line

    assert b" 403 " in asyncio.run(rebound())


@pytest.fixture
def no_worker(port, folder, expect_worker):
    expect_worker(folder)


@pytest.mark.usefixtures("no_worker")
def test_uploads_over_plain_http(port):
    """The cookie is not Secure, an upload with it is kept, one from elsewhere is not, nor too many.

    A browser on http://192.168.x.y keeps no Secure cookie, and every upload there ended in a 403.
    """

    async def session():
        async with connect(
            f"ws://127.0.0.1:{port}/_stcore/stream", subprotocols=["streamlit"], max_size=None
        ) as link:
            wish = BackMsg()
            wish.rerun_script.query_string = ""
            await link.send(wish.SerializeToString())
            message = ForwardMsg()
            while message.WhichOneof("type") != "new_session":
                message.ParseFromString(await link.recv())
            own = message.new_session.initialize.session_id
            return await asyncio.to_thread(sends, own)

    def sends(own):
        found, _ = asked(port, path="/_stcore/health")
        kept = found.headers["set-cookie"]
        assert "secure" not in kept.lower()
        assert "samesite=lax" in kept.lower()
        cookie = kept.partition(";")[0]
        mark = cookie.partition("=")[2]

        def put(name, **more):
            body = (
                b'--x\r\nContent-Disposition: form-data; name="f"; filename="a.png"\r\n\r\n'
                + bytes(1000)
                + b"\r\n--x--\r\n"
            )
            headers = {"Cookie": cookie, "X_Xsrftoken": mark} | more
            path = f"/_stcore/upload_file/{own}/{name}"
            kind = "multipart/form-data; boundary=x"
            return asked(port, "PUT", path, body, Content_Type=kind, **headers)[0].status

        assert put("0") == 204
        assert put("1", X_Xsrftoken="") == 403
        assert put("1", Origin="https://evil.example") == 403
        return [put(str(k)) for k in range(1, 12)]

    assert asyncio.run(session()) == [204] * 7 + [413] * 4
