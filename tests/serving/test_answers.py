"""Short answers: one whole message over http, a closed door for a socket."""

import asyncio

import pytest

from plantedu.serving.answers import POLICY, answer, refuse


@pytest.fixture
def sent():
    return []


def test_an_answer_says_its_length_and_is_not_kept(sent):
    async def send(message):
        sent.append(message)

    asyncio.run(answer(send, 413, "zu groß", headers=[("x-a", "b")]))
    start, body = sent
    headers = dict(start["headers"])
    assert start["status"] == 413
    assert headers[b"content-length"] == str(len("zu groß".encode())).encode()
    assert headers[b"cache-control"] == b"no-store"
    assert headers[b"x-a"] == b"b"
    assert body["body"].decode() == "zu groß"


def test_a_socket_is_closed_before_it_opens(sent):
    async def send(message):
        sent.append(message)

    async def receive():
        sent.append("heard")
        return {"type": "websocket.connect"}

    asyncio.run(refuse({"type": "websocket"}, receive, send, 403, "no " * 200))
    assert sent[0] == "heard"
    assert sent[1]["code"] == POLICY
    assert len(sent[1]["reason"]) <= 123  # bytes that a close may say
