"""A request without a server: what an ASGI application answers, and what reached it."""

import asyncio
from dataclasses import dataclass, field

import pytest


@dataclass
class Response:
    """What came back."""

    status: int = 0
    headers: dict[str, list[str]] = field(default_factory=dict)
    body: str = ""
    reached: bool = False  # the application behind

    def header(self, name):
        return "; ".join(self.headers.get(name, []))


@pytest.fixture
def ask():
    """Sends one request through what `wrap` puts around an application that says yes."""

    def ask(
        around, *, method="GET", path="/", headers=None, client="127.0.0.1", body=b"", kind="http"
    ):
        response = Response()
        sent = {"host": "localhost:8501", **(headers or {})}
        scope = {
            "type": kind,
            "method": method,
            "path": path,
            "query_string": b"",
            "scheme": "http",
            "client": (client, 50_000),
            "headers": [(k.lower().encode(), v.encode()) for k, v in sent.items()],
        }

        async def receive():
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message):
            if message["type"] == "http.response.start":
                response.status = message["status"]
                for name, value in message["headers"]:
                    response.headers.setdefault(name.decode(), []).append(value.decode())
            elif message["type"] == "websocket.close":
                response.status = message["code"]
            elif message["type"] == "websocket.accept":
                response.status = 101
            else:
                response.body += message.get("body", b"").decode()

        async def behind(scope, receive, send):
            response.reached = True
            if scope["type"] == "websocket":
                await send({"type": "websocket.accept"})
                return
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"yes"})

        asyncio.run(around(behind)(scope, receive, send))
        return response

    return ask
