"""A simulated learner: a real session at Streamlit's websocket, without a browser.

It speaks the protocol that the browser speaks: it opens a page, keeps the widgets that the page
sends, presses a button by its label, moves on, and times each run of the page's script.
"""

import asyncio
import time
from dataclasses import dataclass, field

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect

PATIENCE = 60.0  # seconds that a page may take before the learner gives up


@dataclass
class Learner:
    """One session.

    Attributes:
        query: What stands behind the ? of the address.
        token: Who it is.
        page: Hash of the page; "" is home.
        buttons: Id of each button on the page by its label.
        pages: Hash of each page by its path.
        seconds: Of each whole run of a page's script.
        errors: What went wrong, in words.
        fragments: How often a part of a page was run by itself.
    """

    url: str
    query: str = ""
    token: str = ""
    page: str = ""
    buttons: dict[str, str] = field(default_factory=dict)
    pages: dict[str, str] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    fragments: int = 0
    socket: ClientConnection | None = None
    repeats: dict[str, tuple[float, float]] = field(default_factory=dict)

    async def open(self) -> None:
        """Connect and run home once."""
        self.socket = await connect(
            self.url.replace("http", "ws") + "/_stcore/stream",
            subprotocols=["streamlit"],  # pyright: ignore[reportArgumentType]
            max_size=None,
        )
        await self.run()

    async def close(self) -> None:
        """Leave, as one who shuts the tab."""
        if self.socket is not None:
            await self.socket.close()

    async def visit(self, path: str) -> None:
        """Go to a page by its path, such as training."""
        self.page = self.pages.get(path, "")
        if not self.page:
            self.errors.append(f"there is no page {path}")
            return
        self.repeats.clear()
        await self.run()

    async def press(self, label: str) -> bool:
        """Press a button of the page; False where it has none."""
        if label not in self.buttons:
            return False
        await self.run(pressed=self.buttons[label])
        return True

    async def run(self, *, pressed: str = "", fragment: str = "") -> None:
        """Ask for a run of the page's script and wait for its end."""
        assert self.socket is not None
        asked = BackMsg()
        asked.rerun_script.query_string = self.query
        asked.rerun_script.page_script_hash = self.page
        asked.rerun_script.fragment_id = fragment
        asked.rerun_script.is_auto_rerun = bool(fragment)
        if pressed:
            state = asked.rerun_script.widget_states.widgets.add()
            state.id, state.trigger_value = pressed, True
        if not fragment:
            self.buttons.clear()
        began = time.perf_counter()
        await self.socket.send(asked.SerializeToString())
        try:
            while not self._take(await asyncio.wait_for(self._next(), PATIENCE)):
                pass
        except TimeoutError:
            self.errors.append(f"no answer within {PATIENCE:.0f} s")
        if fragment:
            self.fragments += 1
        else:
            self.seconds.append(time.perf_counter() - began)

    async def stay(self, seconds: float) -> None:
        """Look at the page: run the parts of it that run by themselves, as the browser would."""
        until = time.monotonic() + seconds
        while (now := time.monotonic()) < until:
            due = [(at, name) for name, (at, _) in self.repeats.items() if at <= until]
            if not due:
                await asyncio.sleep(until - now)
                return
            at, name = min(due)
            await asyncio.sleep(max(0.0, at - now))
            self.repeats[name] = (time.monotonic() + self.repeats[name][1], self.repeats[name][1])
            await self.run(fragment=name)

    async def _next(self) -> ForwardMsg:
        assert self.socket is not None
        message = ForwardMsg()
        data = await self.socket.recv()
        message.ParseFromString(data if isinstance(data, bytes) else data.encode())
        return message

    def _take(self, message: ForwardMsg) -> bool:
        """Note what a message tells; whether the run is over."""
        kind = message.WhichOneof("type")
        if kind == "navigation":
            self.pages = {
                page.url_pathname: page.page_script_hash for page in message.navigation.app_pages
            }
        elif kind == "page_info_changed":
            self.query = message.page_info_changed.query_string
        elif kind == "auto_rerun":
            every = message.auto_rerun.interval
            self.repeats[message.auto_rerun.fragment_id] = (time.monotonic() + every, every)
        elif kind == "stop_auto_rerun":
            self.repeats.pop(message.stop_auto_rerun.fragment_id, None)
        elif kind == "delta" and message.delta.WhichOneof("type") == "new_element":
            element = message.delta.new_element
            if element.WhichOneof("type") == "button":
                self.buttons[element.button.label] = element.button.id
            elif element.WhichOneof("type") == "exception":
                self.errors.append(element.exception.message[:200])
        return kind == "script_finished" and message.script_finished != 2  # 2: runs again at once
