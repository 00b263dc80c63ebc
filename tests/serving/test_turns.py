"""Turns: an address with many pages does not go before one with few, and no slot is lost."""

import asyncio

import pytest

from plantedu.serving import turns
from plantedu.serving.setting import SEATS, Setting
from plantedu.serving.turns import EXPECTED, Turns, weight_of

BEHIND = Setting(header="x-real-ip")
TOOK = 0.01  # seconds of a run


WISH = {"type": "websocket.receive", "text": "run"}
OVER = {"type": "websocket.send", "text": "over"}


class Crowd:
    """Pages that each ask for runs one after the other, and the order in which runs began."""

    def __init__(self, *, slots=1, took=TOOK, ends=True):
        self.began, self.ends, self.took = [], ends, took
        self.going, self.most, self.at_once = 0, 0, []
        self.around = Turns(
            self.app,
            setting=BEHIND,
            asked=lambda message: EXPECTED if message is WISH else 0.0,
            is_over=lambda message: message is OVER,
            slots=slots,
        )

    async def app(self, scope, receive, send):
        if scope["opened"]:
            await receive()
            await send(OVER)
        while (await receive())["type"] != "websocket.disconnect":
            self.began.append(scope["headers"][0][1].decode())
            self.going += 1
            self.most = max(self.most, self.going)
            self.at_once.append(self.going)
            await asyncio.sleep(self.took)
            self.going -= 1
            if self.ends:
                await send(OVER)

    async def page(self, address, runs, *, at=0.0, first=TOOK, opened=True):
        """One page; `opened`: its first run is over, and not counted."""
        left = [WISH for _ in range(runs + opened)] + [{"type": "websocket.disconnect"}]

        async def receive():
            if len(left) == runs + 1:
                await asyncio.sleep(first)  # TOOK: all pages are open by then
            return left.pop(0)

        async def send(message):
            pass

        await asyncio.sleep(at)
        scope = {
            "type": "websocket",
            "client": ("127.0.0.1", 1),
            "opened": opened,
            "headers": [(b"x-real-ip", address.encode())],
        }
        await self.around(scope, receive, send)


def run(*pages):
    async def together():
        await asyncio.wait_for(asyncio.gather(*pages), 20)

    asyncio.run(together())


def test_one_of_few_does_not_wait_for_those_of_many():
    """Without turns the visitor of the other address is the last of fifty."""
    crowd = Crowd()
    run(
        *(crowd.page("198.51.100.1", 1) for _ in range(49)),
        crowd.page("203.0.113.7", 1, at=TOOK / 2),
    )
    assert crowd.began.index("203.0.113.7") <= 2
    assert len(crowd.began) == 50


def test_a_room_counts_for_more_than_one_and_for_less_than_all_in_it():
    assert weight_of(0) == weight_of(1) == 1
    assert 4 < weight_of(20) < 5
    assert weight_of(SEATS) == max(weight_of(pages) for pages in range(300))
    assert weight_of(70) < 1 < weight_of(50)
    assert weight_of(200) < 1
    assert weight_of(2 * SEATS) == pytest.approx(weight_of(SEATS) / 16)


def test_addresses_that_wait_share_by_their_weights():
    """Twenty pages and two: 4.5 to 1.4, so seven of thirty runs are of the two."""
    crowd = Crowd()
    run(
        *(crowd.page("198.51.100.1", 4) for _ in range(20)),
        *(crowd.page("203.0.113.7", 10) for _ in range(2)),
    )
    first = crowd.began[:30]
    assert 5 <= first.count("203.0.113.7") <= 10


def test_an_address_with_more_pages_than_a_room_has_seats_counts_for_less():
    crowd = Crowd()
    run(
        *(crowd.page("198.51.100.1", 2) for _ in range(80)),
        *(crowd.page("203.0.113.7", 10) for _ in range(4)),
    )
    assert crowd.began[:40].count("203.0.113.7") >= 28  # 2 to .4: not one in twenty


def test_what_waits_counts_by_the_pages_open_now():
    """Eighty pages that open one after the other: their first runs came when they were few."""
    crowd = Crowd()
    run(
        *(crowd.page("198.51.100.1", 1, at=TOOK * k / 20, first=0) for k in range(80)),
        *(crowd.page("203.0.113.7", 10, at=4 * TOOK) for _ in range(4)),
    )
    assert crowd.began[:50].count("203.0.113.7") >= 28  # 14 where what they asked as few counts


def test_those_with_too_many_pages_hold_one_slot_together():
    """A run of theirs that has begun shares Python with whoever comes next."""
    crowd = Crowd(slots=3)
    run(*(crowd.page(f"198.51.100.{k % 2}", 1) for k in range(2 * (SEATS + 10))))
    assert max(crowd.at_once[:20]) == 1  # those that have been leave: in the end they are a room
    assert crowd.around._free == 3
    crowd = Crowd(slots=3)
    run(*(crowd.page("203.0.113.7", 2) for _ in range(SEATS)))
    assert crowd.most == 3


def test_pages_that_are_open_do_not_wait_for_those_that_come():
    """Sixty pages behind three addresses, which are rooms: two of three slots are for others."""
    crowd = Crowd(slots=3)
    run(
        *(crowd.page(f"198.51.100.{k % 3}", 1, at=TOOK, first=0, opened=False) for k in range(60)),
        *(crowd.page("203.0.113.7", 12, first=0) for _ in range(4)),
    )
    assert crowd.most == 3
    assert crowd.began[:60].count("203.0.113.7") >= 36  # 14 where first runs have every slot
    assert crowd.around._free == 3
    assert not +crowd.around._held


def test_pages_that_come_do_not_wait_until_nobody_else_asks():
    crowd = Crowd(slots=1)
    run(
        *(crowd.page("203.0.113.7", 30) for _ in range(4)),
        crowd.page("198.51.100.1", 1, at=5 * TOOK, opened=False),
    )
    assert crowd.began.index("198.51.100.1") < 12


def test_never_more_at_once_than_there_are_slots_and_none_is_lost():
    crowd = Crowd(slots=3)
    run(*(crowd.page(f"198.51.100.{k % 5}", 3) for k in range(20)))
    assert crowd.most == 3
    assert crowd.around._free == 3
    assert len(crowd.began) == 60


def test_a_run_without_an_end_gives_its_slot_up(monkeypatch):
    monkeypatch.setattr(turns, "HOLD", 0.05)
    crowd = Crowd(took=0.2, ends=False)
    run(crowd.page("198.51.100.1", 1), crowd.page("203.0.113.7", 1, at=0.01))
    assert crowd.most == 2
    assert crowd.around._free == 1


def test_who_leaves_while_waiting_takes_no_slot_along():
    async def leaves():
        crowd = Crowd(took=0.05)
        first = asyncio.create_task(crowd.page("198.51.100.1", 2))
        second = asyncio.create_task(crowd.page("203.0.113.7", 1))
        await asyncio.sleep(0.02)
        second.cancel()
        await asyncio.gather(first, second, return_exceptions=True)
        return crowd

    crowd = asyncio.run(leaves())
    assert crowd.around._free == 1
    assert crowd.began == ["198.51.100.1"] * 2
