"""Made-up learners: tokens without people, a few addresses, files that are expensive to read.

Each made-up learner is a session as a browser opens it, asks for pages and work at the pace of a
hasty reader, and comes back under a new token. Uploaders send pictures of 20,000 scans and tables
of 40 MB, and leave files on the server that no page ever asks for.
"""

import asyncio
import contextlib
import io
import random
import time
from collections import Counter

from PIL import Image
from websockets.exceptions import WebSocketException

from benchmarks.learners import Learner
from plantedu.course.predictions import new_token

PACE = (4.0, 12.0)  # seconds between two acts of a made-up learner
ACTS = 6  # of a token; then it is another one
UPLOADS = (2.0, 6.0)  # seconds between two files of an uploader
SCANS = 20_000
CSV_MB = 40
GONE = (WebSocketException, OSError, TimeoutError)  # turned away, or cut off


def many_scans(count: int = SCANS) -> bytes:
    """A progressive JPEG whose last scan stands there again and again: small, valid, expensive."""
    stream = io.BytesIO()
    Image.new("RGB", (64, 64), (40, 120, 60)).save(stream, "JPEG", progressive=True)
    data = stream.getvalue()
    last = data.rindex(b"\xff\xda")
    return data[:last] + data[last:-2] * count + data[-2:]


def long_table(megabytes: float) -> bytes:
    """A table of losses of about so many megabytes, each row in a split of its own."""
    row = b"%d,1.25,a-split-with-a-name-of-its-own-%d\n"
    rows = int(megabytes * 2**20 / len(row % (10**6, 10**6)))
    return b"step,loss,split\n" + b"".join(row % (k, k) for k in range(rows))


async def made_up(
    url: str, until: float, seed: int, pages: tuple[str, ...], address: str
) -> Counter[str]:
    """One visitor with many tokens; what became of what it asked."""
    dice, found = random.Random(seed), Counter[str]()
    await asyncio.sleep(dice.uniform(0, 20))
    while time.monotonic() < until:
        token = new_token()
        one = Learner(url, query=f"learner={token}", token=token, address=address)
        try:
            await one.open()
            found["tokens"] += 1
            for _ in range(ACTS):
                if time.monotonic() > until:
                    break
                await one.visit(dice.choice(pages))
                await one.stay(dice.uniform(*PACE))
                wished = [label for label in one.buttons if not label.startswith("Download")]
                if wished and await one.press(dice.choice(wished)):
                    await one.stay(dice.uniform(*PACE))
        except GONE:
            found["turned away"] += 1
            await asyncio.sleep(dice.uniform(*PACE))
        finally:
            found["page runs"] += len(one.seconds)
            found["refused"] += one.refused.total()
            await leave(one)
    return found


async def uploader(url: str, until: float, seed: int, address: str) -> Counter[str]:
    """One who sends files that are expensive to read; how often each was answered how."""
    dice, found = random.Random(seed), Counter[str]()
    picture, table, whole = many_scans(), long_table(0.95), long_table(CSV_MB)
    while time.monotonic() < until:
        one = Learner(url, query=f"learner={new_token()}", address=address)
        try:
            await one.open()
            await one.visit("generation")
            await one.choose("Plant", "upload")
            found[f"{SCANS} scans: {await one.upload('RGB', 'leaf.jpg', picture)}"] += 1
            await one.press("Draw")
            await one.visit("bump")
            await one.choose("Curve", "My file")
            found[f"csv of .95 MB: {await one.upload('csv', 'mine.csv', table)}"] += 1
            await one.press("Look for steps")
            found[f"csv of {CSV_MB} MB: {await one.upload('csv', 'all.csv', whole)}"] += 1
        except GONE:
            found["turned away"] += 1
        finally:
            await leave(one)
        await asyncio.sleep(dice.uniform(*UPLOADS))
    return found


async def leave(one: Learner) -> None:
    """Shut the tab, whatever the server makes of it."""
    with contextlib.suppress(GONE):
        await one.close()
