"""Pages take turns by address, so that two hundred visitors of one address do not go before a room.

A server runs the scripts of pages in threads of one Python: who asks most gets most, and the rest
waits. Here at most `SLOTS` runs go on at once, and who is next is decided by start-time fair
queueing. The first in line of each address a has

    S = max(v at its arrival, F_a),    F_a <- S + seconds / weight_a when it begins,

the least S goes first, and v is the S of the run that began last: addresses that wait share the
server by their weights, and one that asks for little does not wait for those that ask for much.
What a run really took is charged afterwards. A weight is that of the moment: whoever opens two
hundred pages at once has what they wait for counted as of two hundred, the first of them too. With
n pages open

    weight_a = sqrt(min(n, SEATS)) min(1, SEATS / n)^4,

so a room of twenty behind one address gets more than a single learner, though not twenty times as
much (pages are free to open), and an address with more pages than a room has seats soon gets less
than a single learner.

Of the slots at most `CROWDED` are held by addresses with more pages than a room has seats, all of
them together: a run of theirs that has begun cannot be set aside, and whoever comes next would
share Python with it. At most `ARRIVING` are held by pages that have just been opened, whose first
run costs most: until two hundred of them are counted, their addresses look like rooms. They wait in
a queue of their own, with its own v and F_a, and where both queues wait they take turns: neither do
pages that are open wait behind two hundred that come, nor these until nobody else asks.

A run that goes on for longer than `HOLD` gives its slot up, so that no page can keep the others
waiting. A laptop has one address: there nothing changes.

Source: Goyal, Vin and Cheng 1996, Start-time Fair Queuing.
"""

import asyncio
import math
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from plantedu.serving.answers import App, Message, Receive, Send
from plantedu.serving.asking import address_of
from plantedu.serving.setting import SEATS, Setting

SLOTS = 3  # runs at once; Python runs one at a time, the others wait for a disk
CROWDED = 1  # of them, for addresses with more pages than a room has seats
ARRIVING = 1  # of them, for the first runs of pages
HOLD = 1.0  # seconds
EXPECTED = 0.1  # seconds of a page's run, until it is known
PART = 0.02  # the same of a part of a page that is run by itself


def weight_of(pages: int, seats: int = SEATS) -> float:
    """What an address counts for that has so many pages open, with so many seats in a room."""
    seated = min(max(pages, 1), seats)
    return math.sqrt(seated) * min(1.0, seats / max(pages, 1)) ** 4


@dataclass(frozen=True)
class Slot:
    """Which of the bounded slots it is: of addresses with too many pages, of first runs."""

    crowded: bool = False
    arriving: bool = False


@dataclass
class Page:
    """An open page: whose it is, and since when its script runs; 0 where it has no slot.

    `slot` says which kind it has, and `new` that it has not had one yet.
    """

    address: str
    began: float = 0.0
    new: bool = True
    slot: Slot = Slot()
    timer: asyncio.TimerHandle | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Wait:
    """A run that waits: how long it may take, v when it came, its number, what it waits for."""

    seconds: float
    since: float
    number: int
    turn: asyncio.Future[Slot] = field(repr=False)


Line = tuple[str, bool]  # an address, and whether its pages are new


class Turns:
    """Lets the scripts of pages run in turns.

    Args:
        app: What stands behind.
        setting: How an address is found.
        asked: Seconds that what a browser says may take; 0 where it asks for no run.
        is_over: Whether what a browser is sent says that its run is over.
        slots: Runs at once.
        clock: Seconds, for what a run took.
    """

    def __init__(
        self,
        app: App,
        *,
        setting: Setting,
        asked: Callable[[Message], float],
        is_over: Callable[[Message], bool],
        slots: int = SLOTS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.app, self.setting, self.clock = app, setting, clock
        self.asked, self.is_over = asked, is_over
        self._free = slots
        self._virtual = {False: 0.0, True: 0.0}  # of runs of open pages, of first runs
        self._arrived = False  # whether the run that began last was a page's first
        self._held: Counter[str] = Counter()  # of the bounded slots
        self._finish: dict[Line, float] = {}
        self._open: Counter[str] = Counter()
        self._lines: defaultdict[Line, deque[Wait]] = defaultdict(deque)
        self._numbers = count()

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        """Pass all on; what a page asks to be run waits for its turn."""
        if scope["type"] != "websocket":
            await self.app(scope, receive, send)
            return
        page = Page(address_of(scope, self.setting))

        async def hear() -> Message:
            message = await receive()
            if (seconds := self.asked(message)) > 0:
                await self._begin(page, seconds)
            return message

        async def tell(message: Message) -> None:
            if page.began and self.is_over(message):
                self._end(page)
            await send(message)

        self._open[page.address] += 1
        try:
            await self.app(scope, hear, tell)
        finally:
            self._end(page)
            self._open[page.address] -= 1
            self._open += Counter()  # forgets addresses without a page

    async def _begin(self, page: Page, seconds: float) -> None:
        """Wait for a slot; who has one asks for another script in its place."""
        if page.began:
            self._charge((page.address, page.slot.arriving), seconds)
            return
        turn: asyncio.Future[Slot] = asyncio.get_running_loop().create_future()
        wait = Wait(seconds, self._virtual[page.new], next(self._numbers), turn)
        self._lines[page.address, page.new].append(wait)
        self._next()
        try:
            page.slot = await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():  # its turn had just come
                self._give_back(turn.result())
            raise
        page.began, page.new = self.clock(), False
        page.timer = asyncio.get_running_loop().call_later(HOLD, self._end, page)

    def _end(self, page: Page) -> None:
        """Give a slot up, charge what was taken, and let the next one begin."""
        if not page.began:
            return
        if page.timer is not None:
            page.timer.cancel()
        took, page.began = self.clock() - page.began, 0.0
        if took > EXPECTED:
            self._charge((page.address, page.slot.arriving), took - EXPECTED)
        self._give_back(page.slot)

    def _give_back(self, slot: Slot) -> None:
        self._free += 1
        self._held["crowded"] -= slot.crowded
        self._held["arriving"] -= slot.arriving
        self._next()

    def _next(self) -> None:
        while self._free and (first := self._first()):
            line, start = first
            wait = self._lines[line].popleft()
            self._free -= 1
            self._arrived = line[1]
            self._virtual[line[1]] = max(self._virtual[line[1]], start)
            self._finish[line] = start
            self._charge(line, wait.seconds)
            slot = Slot(crowded=self._is_crowded(line[0]), arriving=line[1])
            self._held["crowded"] += slot.crowded
            self._held["arriving"] += slot.arriving
            wait.turn.set_result(slot)

    def _is_crowded(self, address: str) -> bool:
        """Whether more pages are open than a room has seats."""
        return self._open[address] > self.setting.seats

    def _first(self) -> tuple[Line, float] | None:
        """Which line's turn it is, and the S of its run; None where nobody may begin."""
        heads: list[tuple[bool, float, int, Line]] = []
        for of in list(self._lines):
            line, (address, arriving) = self._lines[of], of
            while line and line[0].turn.done():  # left while it waited
                line.popleft()
            if not line:
                del self._lines[of]
            elif not self._is_full(address, arriving):
                start = max(line[0].since, self._finish.get(of, 0.0))
                heads.append((arriving == self._arrived, start, line[0].number, of))
        if not heads:
            return None
        _, start, _, of = min(heads)
        return of, start

    def _is_full(self, address: str, arriving: bool) -> bool:
        """Whether the slots that such a run may have are all held."""
        if arriving and self._held["arriving"] >= ARRIVING:
            return True
        return self._held["crowded"] >= CROWDED and self._is_crowded(address)

    def _charge(self, line: Line, seconds: float) -> None:
        weight = weight_of(self._open[line[0]], self.setting.seats)
        self._finish[line] = self._finish.get(line, 0.0) + seconds / weight
        if len(self._finish) > 4 * len(self._open) + 8:
            self._finish = {of: f for of, f in self._finish.items() if f > self._virtual[of[1]]}
