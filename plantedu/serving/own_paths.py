"""Addresses that this server answers itself, before any page: crawlers, and what a host measures.

`/robots.txt` asks crawlers to stay away: the address of a page is a learner's key. `/metrics` is
for Prometheus, which says the host's token (`Authorization: Bearer ...`, RFC 6750); without that
token in the environment it is not there. Streamlit's own `/_stcore/metrics` asks nobody for
anything and tells of every session, so it is not there at all.
"""

import asyncio
import hmac
from collections.abc import Callable
from typing import Any

from plantedu.serving.answers import App, Receive, Send, answer, refuse
from plantedu.serving.asking import headers_of

ROBOTS = "User-agent: *\nDisallow: /\n"
PROMETHEUS = "text/plain; version=0.0.4"
CLOSED = ("/_stcore/metrics",)


class OwnPaths:
    """Answers for crawlers and for Prometheus.

    Args:
        app: What stands behind.
        token: Of who hosts the course; "" where nobody may read what is measured.
        measured: The metrics in Prometheus' text format; called in a thread.
        base: The path under which the course is served; "" for the root.
    """

    def __init__(
        self, app: App, *, token: str, measured: Callable[[], str], base: str = ""
    ) -> None:
        self.app, self.token, self.measured = app, token, measured
        self.base = f"/{base.strip('/')}".rstrip("/")

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        """Answer, or let a request pass."""
        path = scope.get("path", "").rstrip("/")
        own = path.removeprefix(self.base) if self.base else path
        if scope["type"] != "http":
            await self.app(scope, receive, send)
        elif "/robots.txt" in (path, own):
            await answer(send, 200, ROBOTS)
        elif path.endswith(CLOSED) or (own == "/metrics" and not self.token):
            await refuse(scope, receive, send, 404, "There is no such page.")
        elif own == "/metrics":
            await self._metrics(scope, send)
        else:
            await self.app(scope, receive, send)

    async def _metrics(self, scope: Any, send: Send) -> None:
        kind, _, given = headers_of(scope).get("authorization", "").partition(" ")
        known = hmac.compare_digest(given.strip().encode(), self.token.encode())
        if kind.lower() == "bearer" and known:
            await answer(send, 200, await asyncio.to_thread(self.measured), kind=PROMETHEUS)
        else:
            said = "Say the host's token: Authorization: Bearer ..."
            await answer(send, 401, said, headers=[("www-authenticate", "Bearer")])
