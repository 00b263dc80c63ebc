"""The password of a workshop, asked for before any page, file or upload.

Who knows it gets a cookie for twelve hours:

    cookie = expiry . HMAC-SHA256(key, expiry),   key = SHA-256(secret of this home, password)

so a changed password lets nobody in who knew the old one, and a restart asks nobody again. Words
that are wrong are counted by address and altogether; too many, and nobody's are looked at for the
rest of the minute.
"""

import hmac
import os
import secrets
import time
from collections import deque
from collections.abc import Callable
from hashlib import sha256
from html import escape
from http.cookies import CookieError, SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from plantedu.serving.answers import App, Receive, Send, answer, refuse
from plantedu.serving.asking import address_of, headers_of
from plantedu.serving.setting import Setting

COOKIE = "plantedu"
HOURS = 12
MINUTE = 60.0
TRIES, ALL_TRIES = 10, 200  # wrong words a minute, of an address and altogether
LONGEST = 4096  # bytes of a form
OPEN = ("/_stcore/health",)  # what a container's health check asks
SECRET = "secret"
FORM = """<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>plantedu</title>
<style>body {{ font: 1.1rem/1.5 sans-serif; max-width: 26rem; margin: 15vh auto; padding: 0 1rem }}
input, button {{ font: inherit; padding: .4rem .6rem; width: 100%; box-sizing: border-box }}
button {{ margin-top: .8rem }} p {{ color: #8a1f11 }}</style></head>
<body><main><h1>plantedu</h1><form method="post"><label for="password">Password of the workshop
</label><input id="password" name="password" type="password" autocomplete="current-password"
autofocus required><button>Open the course</button></form><p role="alert">{said}</p></main></body>
</html>"""


class Password:
    """Lets in who knows the password.

    Args:
        app: What stands behind.
        setting: The password, and how an address is found.
        home: Where the secret is kept.
        clock: Seconds since 1970, for the cookie's end.
    """

    def __init__(
        self, app: App, *, setting: Setting, home: Path, clock: Callable[[], float] = time.time
    ) -> None:
        self.app, self.setting, self.clock = app, setting, clock
        word = setting.password.encode()
        self.key = sha256(secret_of(home) + word).digest() if word else b""
        self._wrong: deque[tuple[float, str]] = deque()

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        """Let a request in, or ask for the password."""
        inside = scope["type"] not in ("http", "websocket") or self._known(scope)
        if not self.key or inside or scope["path"].endswith(OPEN):
            await self.app(scope, receive, send)
        elif scope["type"] == "http" and scope["method"] == "POST":
            await self._enter(scope, receive, send)
        elif "text/html" in headers_of(scope).get("accept", ""):
            await answer(send, 401, FORM.format(said=""), kind="text/html")
        else:
            await refuse(
                scope, receive, send, 401, "The course asks for a password; open its page."
            )

    def cookie(self) -> str:
        """A cookie's value for who has just said the password."""
        until = str(int(self.clock() + HOURS * 3600))
        return f"{until}.{self._seal(until)}"

    def _known(self, scope: Any) -> bool:
        jar: SimpleCookie = SimpleCookie()
        try:
            jar.load(headers_of(scope).get("cookie", ""))
        except CookieError:
            return False
        until, _, seal = jar[COOKIE].value.partition(".") if COOKIE in jar else ("", "", "")
        sealed = hmac.compare_digest(seal.encode(), self._seal(until).encode())
        return sealed and until.isdecimal() and int(until) > self.clock()

    def _seal(self, until: str) -> str:
        return hmac.new(self.key, until.encode(), sha256).hexdigest()

    async def _enter(self, scope: Any, receive: Receive, send: Send) -> None:
        address = address_of(scope, self.setting)
        if self._too_many(address):
            said = "Too many wrong words. Wait a minute, then try again."
            await answer(send, 429, FORM.format(said=escape(said)), kind="text/html")
            return
        given = parse_qs((await _body(receive)).decode("utf-8", "replace")).get("password", [""])[0]
        word = self.setting.password
        if not hmac.compare_digest(sha256(given.encode()).digest(), sha256(word.encode()).digest()):
            self._wrong.append((time.monotonic(), address))
            said = "This is not the password."
            await answer(send, 401, FORM.format(said=escape(said)), kind="text/html")
            return
        place = scope["path"] + ("?" + scope["query_string"].decode("latin-1")).rstrip("?")
        place = "/" + place.lstrip("/\\")  # a path of this server, whatever stands in it
        await answer(send, 303, "", headers=[("location", place), ("set-cookie", self._set(scope))])

    def _set(self, scope: Any) -> str:
        scheme = headers_of(scope).get("x-forwarded-proto", "") if self.setting.header else ""
        safe = "https" in (scope.get("scheme"), scheme)
        rest = "SameSite=None; Secure" if self.setting.frames and safe else "SameSite=Lax"
        rest += "; Secure" if safe and "Secure" not in rest else ""
        return f"{COOKIE}={self.cookie()}; Path=/; HttpOnly; Max-Age={HOURS * 3600}; {rest}"

    def _too_many(self, address: str) -> bool:
        while self._wrong and time.monotonic() - self._wrong[0][0] > MINUTE:
            self._wrong.popleft()
        own = sum(whose == address for _, whose in self._wrong)
        return own >= TRIES or len(self._wrong) >= ALL_TRIES


async def _body(receive: Receive) -> bytes:
    """A request's body, cut at LONGEST."""
    body, more = b"", True
    while more and len(body) <= LONGEST:
        message = await receive()
        body += message.get("body", b"")
        more = bool(message.get("more_body")) and message["type"] == "http.request"
    return body[:LONGEST]


def secret_of(home: Path) -> bytes:
    """Random bytes of this home, made once, for nobody else to read."""
    path = Path(home) / SECRET
    if not path.exists():
        fresh = path.with_name(f".{secrets.token_hex(8)}")
        fresh.touch(0o600)
        fresh.write_bytes(secrets.token_bytes(32))
        try:
            os.link(fresh, path)  # the first of two processes at once has made it
        except OSError:
            if not path.exists():
                os.replace(fresh, path)
        fresh.unlink(missing_ok=True)
    return path.read_bytes()
