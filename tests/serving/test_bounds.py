"""What one visitor may hold: files of a page, of an address, of all; pages that are open."""

import asyncio

import pytest

from plantedu.serving.bounds import MB, Bounds, Most
from plantedu.serving.setting import Setting

MOST = Most(files=3, session=10 * MB, address=15 * MB, altogether=25 * MB, pages=2, all_pages=3)


class Server:
    """Keeps what is sent, as Streamlit does: for good."""

    def __init__(self):
        self.files = {}
        self.bounds = None

    def around(self, app):
        if self.bounds is None:
            self.bounds = Bounds(
                app, held=lambda: self.files, setting=Setting(header="x-real-ip"), most=MOST
            )
        self.bounds.app = app
        return self.bounds


@pytest.fixture
def server():
    return Server()


@pytest.fixture
def put(ask, server):
    def put(session, name, size, address="203.0.113.1"):
        response = ask(
            server.around,
            method="PUT",
            path=f"/_stcore/upload_file/{session}/{name}",
            headers={"content-length": str(size), "x-real-ip": address},
        )
        if response.reached:
            server.files.setdefault(session, {})[name] = size
        return response

    return put


def test_a_page_that_never_attaches_its_uploads_is_stopped(put, server):
    refused = next(k for k in range(1000) if not put("page", f"file {k}", MB).reached)
    assert refused == MOST.files
    assert put("page", "file 0", MB).reached  # the same again is no more
    server.files["page"].pop("file 1")
    assert put("page", "file 9", MB).reached


def test_bytes_of_a_page_an_address_and_of_all(put):
    assert put("a", "1", 9 * MB).reached
    response = put("a", "2", 2 * MB)
    assert (response.reached, response.status) == (False, 413)
    assert "10 MB are taken" in response.body
    assert put("b", "1", 6 * MB).reached  # the address holds 15
    assert not put("c", "1", MB).reached  # a new session does not help it
    assert put("d", "1", 9 * MB, "203.0.113.2").reached  # all hold 24
    assert not put("e", "1", 2 * MB, "203.0.113.3").reached
    assert put("e", "1", MB, "203.0.113.3").reached


def test_what_is_on_its_way_counts(ask, server):
    """Two uploads at once see each other before either has arrived."""
    reached = []

    async def slow(scope, receive, send):
        reached.append(scope["path"])
        await asyncio.sleep(0.05)

    async def both():
        bounds = server.around(slow)
        scopes = [
            {
                "type": "http",
                "method": "PUT",
                "path": f"/_stcore/upload_file/s/{name}",
                "client": ("203.0.113.1", 1),
                "headers": [(b"content-length", str(6 * MB).encode())],
            }
            for name in "ab"
        ]

        async def nothing(*_):
            return {}

        await asyncio.gather(*(bounds(scope, nothing, nothing) for scope in scopes))

    asyncio.run(both())
    assert len(reached) == 1
    assert not server.bounds._coming


def test_an_upload_says_how_long_it_is(ask, server):
    for length in ("", "-5", "1e9", "9" * 30):
        response = ask(
            server.around,
            method="PUT",
            path="/base/_stcore/upload_file/s/f",
            headers={"content-length": length},
        )
        assert (response.reached, response.status) == (False, 411)


def test_pages_of_an_address_and_of_all(server):
    """Sockets that stay open: a third of one address, a fourth of all are turned away."""
    closed = []

    async def run():
        done = asyncio.Event()

        async def stays(scope, receive, send):
            await done.wait()

        bounds = server.around(stays)

        async def page(address):
            scope = {"type": "websocket", "path": "/", "client": (address, 1), "headers": []}

            async def receive():
                return {"type": "websocket.connect"}

            async def send(message):
                closed.append((address, message["code"]))

            await bounds(scope, receive, send)

        tasks = []
        for address in ("203.0.113.1",) * 3 + ("203.0.113.2",) * 2:
            tasks.append(asyncio.create_task(page(address)))
            await asyncio.sleep(0)
        done.set()
        await asyncio.gather(*tasks)
        assert not bounds._pages

    asyncio.run(run())
    assert [address for address, _ in closed] == ["203.0.113.1", "203.0.113.2"]
