"""A simulated learner: a real session at Streamlit's websocket, without a browser.

It speaks the protocol that the browser speaks: it opens a page, keeps the widgets that the page
sends, presses a button by its label, locks predictions, uploads files, moves on, and times each run
of the page's script. What the page tells in a yellow or red box after a press is kept.
"""

import asyncio
import http.client
import random
import re
import time
from collections import Counter
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Common_pb2 import FileURLs, UploadedFileInfo
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect

from benchmarks.page_seen import DrawnPage

PATIENCE = 60.0  # seconds that a page may take before the learner gives up


@dataclass
class Learner(DrawnPage):
    """One session.

    Attributes:
        query: What stands behind the ? of the address.
        token: Who it is.
        page: Hash of the page; "" is home.
        path: The page's path.
        pages: Hash of each page by its path.
        seconds: Of each whole run of a page's script.
        fragments: How often a part of a page was run by itself.
        address: Where it seems to come from, as a proxy would write it.
        acknowledged: Index of the answer shown as locked, by learner, page and question.
        refused: What the page said no to, and how often; digits are left out.
        values: What was put into widgets of this page.
    """

    url: str
    query: str = ""
    token: str = ""
    page: str = ""
    path: str = ""
    pages: dict[str, str] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)
    fragments: int = 0
    socket: ClientConnection | None = None
    repeats: dict[str, tuple[float, float]] = field(default_factory=dict)
    address: str = ""
    session: str = ""
    acknowledged: dict[tuple[str, str, str], int] = field(default_factory=dict)
    refused: Counter[str] = field(default_factory=Counter)
    values: dict[str, WidgetState] = field(default_factory=dict)
    files: list[FileURLs] = field(default_factory=list)

    async def open(self) -> None:
        """Connect and run home once."""
        self.socket = await connect(
            self.url.replace("http", "ws") + "/_stcore/stream",
            subprotocols=["streamlit"],  # pyright: ignore[reportArgumentType]
            additional_headers={"X-Real-IP": self.address} if self.address else None,
            max_size=None,
            open_timeout=PATIENCE,
        )
        await self.run()

    async def close(self) -> None:
        """Leave, as one who shuts the tab."""
        if self.socket is not None:
            await self.socket.close()

    async def visit(self, path: str) -> None:
        """Go to a page by its path, such as training."""
        self.path, self.page = path, self.pages.get(path, "")
        if not self.page:
            self.errors.append(f"there is no page {path}")
            return
        self.values.clear()
        await self.run()

    async def press(self, label: str) -> bool:
        """Press a button of the page; False where it has none."""
        if label not in self.buttons:
            return False
        await self.run(pressed=self.buttons[label])
        self._hear()
        return True

    async def press_keyed(self, key: str) -> bool:
        """Press the button of this key, where several have one label."""
        found = next((one for one in self.pressable if one.endswith(key)), "")
        if found:
            await self.run(pressed=found)
            self._hear()
        return bool(found)

    async def put(self, label: str, value: str | bool | float) -> bool:
        """Set a widget by its label and run; False where the page has none of it."""
        there = self.fill(label, value)
        if there:
            await self.run()
        return there

    def fill(self, label: str, value: str | bool | float) -> bool:
        """Set a widget by its label, or by what its label begins with; no run yet."""
        found = next((one for said, one in self.settable.items() if said.startswith(label)), None)
        if found is None:
            return False
        name, kind = found
        state = WidgetState(id=name)
        if kind == "double_array_value":
            state.double_array_value.data.append(float(value))
        else:
            setattr(state, kind, value)
        self.values[name] = state
        return True

    async def answer(self, question: str, index: int, button: str) -> bool:
        """Choose an option of a form's question and press its button."""
        asked = next((one for one in self.radios.values() if one.label == question), None)
        if asked is None:
            return False
        self.values[asked.id] = WidgetState(id=asked.id, string_value=asked.options[index])
        return await self.press(button)

    async def until(self, said: str, seconds: float) -> bool:
        """Look at the page until it shows these words; False where it has not by then."""
        deadline = time.monotonic() + seconds
        while not any(said in one for one in self.words):
            if time.monotonic() > deadline:
                return False
            await self.stay(0.25)
        return True

    async def fetch(self, label: str) -> bytes:
        """A file that the page offers; b"" where it offers none of this name."""
        path = next((path for said, path in self.downloads.items() if said.startswith(label)), "")
        return await asyncio.to_thread(self._get, path) if path else b""

    async def lock(self, dice: random.Random, item: str = "") -> bool:
        """Lock an answer to an open question of the page; False where there is none."""
        open_ones = [form for form in self.radios if form in self.submits]
        if item:
            open_ones = [one for one in open_ones if self.radios[one].id.endswith(f"choice {item}")]
        if not open_ones:
            return False
        form = dice.choice(open_ones)
        asked = self.radios[form]
        index = dice.randrange(len(asked.options))
        self.values[asked.id] = WidgetState(id=asked.id, string_value=asked.options[index])
        await self.run(pressed=self.submits[form])
        self._hear()
        if form not in self.submits:  # the form has made way for "You said"
            self.acknowledged[self.token, self.path, asked.id.partition("choice ")[2]] = index
        return True

    async def choose(self, label: str, option: str) -> bool:
        """Choose an option of a row of buttons; False where the page has none of this name."""
        name, options = self.groups.get(label, ("", []))
        if option not in options:
            return False
        state = WidgetState(id=name)
        state.string_array_value.data.append(option)
        self.values[name] = state
        await self.run()
        return True

    async def upload(self, label: str, name: str, data: bytes) -> int:
        """Give a file to the page as the browser does; the status of its upload, 0 for no place."""
        assert self.socket is not None
        place = next((one for said, one in self.uploaders.items() if label in said), "")
        if not place:
            return 0
        asked = BackMsg()
        asked.file_urls_request.request_id = name
        asked.file_urls_request.session_id = self.session
        asked.file_urls_request.file_names.append(name)
        self.files.clear()
        await self.socket.send(asked.SerializeToString())
        while not self.files:
            self._take(await asyncio.wait_for(self._next(), PATIENCE))
        urls = self.files[0]
        status = await asyncio.to_thread(self._put, urls.upload_url, name, data)
        if status < 300:
            state = WidgetState(id=place)
            info = UploadedFileInfo(name=name, size=len(data), file_id=urls.file_id, file_urls=urls)
            state.file_uploader_state_value.uploaded_file_info.append(info)
            self.values[place] = state
            await self.run()
        return status

    def _put(self, path: str, name: str, data: bytes) -> int:
        """Send the bytes with the mark that the browser's cookie holds."""
        link = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=PATIENCE)
        own = {"X-Real-IP": self.address} if self.address else {}
        try:
            link.request("GET", "/_stcore/health", headers=own)
            found = link.getresponse()
            found.read()
            cookie = (found.headers["set-cookie"] or "").partition(";")[0]
            headers = {"Cookie": cookie, "X-Xsrftoken": cookie.partition("=")[2], **own}
            headers["Content-Type"] = "multipart/form-data; boundary=x"
            head = f'--x\r\nContent-Disposition: form-data; name="f"; filename="{name}"\r\n\r\n'
            link.request("PUT", path, head.encode() + data + b"\r\n--x--\r\n", headers)
            return link.getresponse().status
        except OSError:  # the server hangs up on who sends on after a refusal
            return 413
        finally:
            link.close()

    def _get(self, path: str) -> bytes:
        link = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=PATIENCE)
        try:
            link.request("GET", path, headers={"X-Real-IP": self.address} if self.address else {})
            found = link.getresponse()
            return found.read() if found.status == 200 else b""
        finally:
            link.close()

    def anew(self) -> None:
        """The whole page runs: parts that it does not draw again are not asked for any more."""
        self.forget()
        self.repeats.clear()  # the server is silent about a part that it no longer knows

    def _hear(self) -> None:
        """Note what the page said no to."""
        self.refused.update(re.sub(r"\d+", "#", text)[:120] for text in self.alerts)

    async def run(self, *, pressed: str = "", fragment: str = "") -> None:
        """Ask for a run of the page's script and wait for its end."""
        assert self.socket is not None
        asked = BackMsg()
        asked.rerun_script.query_string = self.query
        asked.rerun_script.page_script_hash = self.page
        asked.rerun_script.fragment_id = fragment
        asked.rerun_script.is_auto_rerun = bool(fragment)
        asked.rerun_script.widget_states.widgets.extend(self.values.values())
        if pressed:
            state = asked.rerun_script.widget_states.widgets.add()
            state.id, state.trigger_value = pressed, True
        if not fragment:
            self.anew()
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
        elif kind == "new_session":
            self.since = len(self.words)
            self.session = message.new_session.initialize.session_id or self.session
        elif kind == "file_urls_response":
            self.files.extend(message.file_urls_response.file_urls)
        elif kind == "page_info_changed":
            self.query = message.page_info_changed.query_string
        elif kind == "auto_rerun":
            every = message.auto_rerun.interval
            self.repeats[message.auto_rerun.fragment_id] = (time.monotonic() + every, every)
        elif kind == "stop_auto_rerun":
            self.repeats.pop(message.stop_auto_rerun.fragment_id, None)
        elif kind == "delta" and message.delta.WhichOneof("type") == "new_element":
            before = len(self.errors)
            self.see(message.delta.new_element)
            self.errors[before:] = [f"/{self.path}: {one}" for one in self.errors[before:]]
        elif kind == "delta" and message.delta.WhichOneof("type") == "add_block":
            self.see_block(message.delta.add_block)
        elif kind == "script_finished" and message.script_finished == 2:
            self.anew()  # 2: it runs again at once, and what it drew goes
        return kind == "script_finished" and message.script_finished != 2
