"""Short answers of the server itself, before any page: refusals in a sentence."""

from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from typing import Any

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Any, Receive, Send], Awaitable[None]]
Pairs = Sequence[tuple[str, str]]

POLICY = 1008  # why a websocket is closed: against the rules


async def answer(
    send: Send,
    status: int,
    text: str,
    *,
    kind: str = "text/plain",
    headers: Pairs = (),
) -> None:
    """One whole answer over http."""
    body = text.encode()
    fields = [
        ("content-type", f"{kind}; charset=utf-8"),
        ("content-length", str(len(body))),
        ("cache-control", "no-store"),
        *headers,
    ]
    named = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in fields]
    await send({"type": "http.response.start", "status": status, "headers": named})
    await send({"type": "http.response.body", "body": body})


async def refuse(
    scope: Mapping[str, Any], receive: Receive, send: Send, status: int, text: str
) -> None:
    """Say no, over http with a sentence, to a websocket by closing it before it opens."""
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": POLICY, "reason": text[:100]})
        return
    await answer(send, status, text)
