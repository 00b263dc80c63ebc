"""The front door: names and origins that are not ours are turned away, and pages get their policy.

Streamlit checks the name of a websocket alone, and only where names are listed; files, uploads and
the health check stay open under any name. Here every request is checked.

The policy lets a page load what this server sends and nothing else: a picture or script of another
server, put into a page by whoever, is not fetched, and the learner's token in the address is sent
to nobody.

Source: W3C Content Security Policy Level 3; W3C Referrer Policy.
"""

from collections.abc import Mapping
from typing import Any

from plantedu.serving.answers import App, Message, Receive, Send, refuse
from plantedu.serving.asking import address_of, headers_of, host_allowed, origin_allowed
from plantedu.serving.setting import Setting

SAFE = ("GET", "HEAD", "OPTIONS")
FROM = b"x-plantedu-address"  # written here, and nowhere else
NO_NAME = (
    "This server is not called by this name. Open the address that you were given; who hosts the "
    "course adds a name by PLANTEDU_HOSTS."
)
NO_ORIGIN = "A page of another server may not write here. Open the course by its own address."


class Doors:
    """Checks who is asked and from where, and adds a policy to what is answered.

    Args:
        app: What stands behind.
        setting: Names, and who may embed the course.
        scripts: Hashes of the scripts that stand inside our own pages, as a policy names them.
    """

    def __init__(self, app: App, *, setting: Setting, scripts: tuple[str, ...] = ()) -> None:
        self.app, self.setting, self.scripts = app, setting, scripts

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        """Let a request in, or turn it away."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        headers = headers_of(scope)
        host, origin = headers.get("host", ""), headers.get("origin")
        added = policy(host, self.setting, self.scripts)

        async def with_policy(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *added]
            await send(message)

        scope = {**scope, "headers": signed(scope, self.setting)}
        writes = scope["type"] == "websocket" or scope["method"] not in SAFE
        if not host_allowed(host, self.setting):
            await refuse(scope, receive, send, 421, NO_NAME)
        elif writes and origin is not None and not origin_allowed(origin, host, self.setting):
            await refuse(scope, receive, with_policy, 403, NO_ORIGIN)
        else:
            await self.app(scope, receive, with_policy)


def signed(scope: Mapping[str, Any], setting: Setting) -> list[tuple[bytes, bytes]]:
    """A request's headers with who asks, for the pages; what it says of that itself goes."""
    rest = [(name, value) for name, value in scope.get("headers", ()) if name.lower() != FROM]
    return [*rest, (FROM, address_of(scope, setting).encode("latin-1"))]


def policy(host: str, setting: Setting, scripts: tuple[str, ...]) -> list[tuple[bytes, bytes]]:
    """What a browser may do with a page of ours, as headers."""
    rules = {
        "default-src": "'self'",
        "script-src": " ".join(["'self'", *scripts]),
        "style-src": "'self' 'unsafe-inline'",  # Streamlit writes its styles into the page
        "img-src": "'self' data: blob:",
        "font-src": "'self' data:",
        "media-src": "'self' data: blob:",
        "worker-src": "'self' blob:",
        "connect-src": f"'self' ws://{host} wss://{host}",
        "frame-ancestors": " ".join(["'self'", *setting.frames]),
        "object-src": "'none'",
        "base-uri": "'self'",
        "form-action": "'self'",
    }
    headers = {
        "content-security-policy": "; ".join(f"{name} {what}" for name, what in rules.items()),
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "x-robots-tag": "noindex, nofollow",  # the address of a page is a learner's key
    }
    return [(name.encode(), text.encode("latin-1")) for name, text in headers.items()]
