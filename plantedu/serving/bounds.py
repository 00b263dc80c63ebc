"""What one visitor may hold of the server: open pages, and files on their way to a page.

Streamlit keeps every uploaded file in memory until its session ends, attached to a page or not,
without a bound. A cap in front of it reads what it holds and what is on the way, and refuses an
upload that would go above: of a session, of an address, or of all.
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from plantedu.serving.answers import App, Receive, Send, refuse
from plantedu.serving.asking import address_of, headers_of
from plantedu.serving.setting import Setting

UPLOAD = re.compile(r"/_stcore/upload_file/([^/]+)/([^/]+)/?$")
MB = 2**20

Held = Mapping[str, Mapping[str, int]]  # bytes of each file, by session


@dataclass(frozen=True)
class Most:
    """The bounds. A room of forty behind one address fits into those of an address.

    Attributes:
        files: Files that a session may hold.
        session, address, altogether: Bytes of a session's, an address's and all files.
        pages: Pages that an address may have open.
        all_pages: Pages that may be open altogether.
    """

    files: int = 8
    session: int = 64 * MB
    address: int = 512 * MB
    altogether: int = 1024 * MB
    pages: int = 120
    all_pages: int = 600


class Bounds:
    """Counts pages and bytes, and refuses what would be too many.

    Args:
        app: What stands behind.
        held: What the server holds now.
        setting: How an address is found.
        most: The bounds.
    """

    def __init__(
        self,
        app: App,
        *,
        held: Callable[[], Held],
        setting: Setting,
        most: Most = Most(),
    ) -> None:
        self.app, self.held, self.setting, self.most = app, held, setting, most
        self._pages: Counter[str] = Counter()
        self._coming: dict[tuple[str, str], tuple[str, int]] = {}  # address and bytes
        self._sent: dict[tuple[str, str], str] = {}  # address

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        """Let a request in, or refuse it."""
        if scope["type"] == "websocket":
            await self._page(scope, receive, send)
        elif scope["type"] == "http" and scope["method"] in ("PUT", "POST"):
            await self._upload(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _page(self, scope: Any, receive: Receive, send: Send) -> None:
        address = address_of(scope, self.setting)
        full = self._pages.total() >= self.most.all_pages
        if full or self._pages[address] >= self.most.pages:
            text = "Too many pages are open from here. Close some, then open the page again."
            await refuse(scope, receive, send, 429, text)
            return
        self._pages[address] += 1
        try:
            await self.app(scope, receive, send)
        finally:
            self._pages[address] -= 1
            self._pages += Counter()  # forgets addresses without a page

    async def _upload(self, scope: Any, receive: Receive, send: Send) -> None:
        found = UPLOAD.search(scope["path"])
        if found is None:
            await self.app(scope, receive, send)
            return
        length = headers_of(scope).get("content-length", "")
        if re.fullmatch(r"[0-9]{1,12}", length) is None:
            await refuse(scope, receive, send, 411, "An upload says first how long it is.")
            return
        file, address = (found[1], found[2]), address_of(scope, self.setting)
        if words := self._too_much(file, address, int(length)):
            await refuse(scope, receive, send, 413, words)
            return
        self._coming[file] = address, int(length)
        try:
            await self.app(scope, receive, send)
            self._sent[file] = address
        finally:
            del self._coming[file]

    def _too_much(self, file: tuple[str, str], address: str, size: int) -> str:
        """Why a file is one too many; "" where it is not."""
        held = {
            (session, name): length
            for session, files in self.held().items()
            for name, length in files.items()
        }
        self._sent = {one: whose for one, whose in self._sent.items() if one in held}
        if file in self._coming:
            return "This file is on its way already."
        rest = {one: length for one, (_, length) in self._coming.items()} | held
        rest.pop(file, None)
        own = [length for (session, _), length in rest.items() if session == file[0]]
        whose = self._sent | {one: who for one, (who, _) in self._coming.items()}
        near = sum(length for one, length in rest.items() if whose.get(one) == address)
        if len(own) >= self.most.files or sum(own) + size > self.most.session:
            return (
                f"This page holds {len(own)} files already; {self.most.files} of together "
                f"{self.most.session // MB} MB are taken. Reload the page to let go of them."
            )
        if near + size > self.most.address or sum(rest.values()) + size > self.most.altogether:
            return "This server holds as many files as it can. Try again in some minutes."
        return ""
