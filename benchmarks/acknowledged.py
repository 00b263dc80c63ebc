"""What was acknowledged to simulated learners, noted outside the store, and what became of it.

Learners lock predictions and ask for runs by the calls that the pages make. See `faults`.
"""

import asyncio
import contextlib
import json
import random
import re
import sqlite3
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from plantedu.course.lessons import Lesson
from plantedu.course.predictions import Predictions, new_token
from plantedu.errors import PlantEduError
from plantedu.jobs.launch import ensure_worker
from plantedu.store.store import FILE, Store

AFTER = 30.0  # seconds that a fault may still be felt


@dataclass
class Notes:
    """What was acknowledged to learners, outside the store.

    Attributes:
        runs: Request and learner of each run by its id.
        predictions: Choice and confidence by learner, lesson and item.
        refused: How often a learner got an error; they try again later.
    """

    runs: dict[str, tuple[str, str]] = field(default_factory=dict)
    predictions: dict[tuple[str, str, str], tuple[str, float]] = field(default_factory=dict)
    refused: Counter[str] = field(default_factory=Counter)


async def learn(home: Path, notes: Notes, lessons: list[Lesson], until: float, seed: int) -> None:
    """Lock predictions and ask for runs by the calls that the pages make; note what was kept."""
    dice, token = random.Random(seed), new_token()
    store = Store(home / FILE)
    book = Predictions(home / FILE)
    while time.monotonic() < until:
        await asyncio.sleep(dice.uniform(0.5, 3.0))
        act = predict if dice.random() < 0.4 else ask
        try:
            await asyncio.to_thread(act, store, book, notes, lessons, token, dice)
        except PlantEduError as error:
            notes.refused[type(error).__name__] += 1
    store.close()


def predict(
    store: Store,
    book: Predictions,
    notes: Notes,
    lessons: list[Lesson],
    token: str,
    dice: random.Random,
) -> None:
    """Lock one prediction that is still open."""
    lesson = dice.choice(lessons)
    one = dice.choice(lesson.predictions)
    choice, sure = dice.choice(one.keys), round(dice.uniform(0.35, 1.0), 2)
    if (token, lesson.stem, one.id) in notes.predictions:
        return
    made = book.commit(token, lesson.stem, one, choice, sure)
    notes.predictions[token, lesson.stem, one.id] = (made.choice, made.confidence)


def ask(
    store: Store,
    book: Predictions,
    notes: Notes,
    lessons: list[Lesson],
    token: str,
    dice: random.Random,
) -> None:
    """Ask for a replay or a short training; now and then cancel one."""
    if dice.random() < 0.7:
        request: dict[str, Any] = {"recording": "cross-0", "speed": dice.choice([60, "instant"])}
        run_id = store.submit("replay", request, lane="replay", learner=token, fresh=True)
        lane = "replay"
    else:
        request = {"steps": 40, "pairs": 128, "probe_plants": 32, "seed": dice.randint(0, 20)}
        run_id = store.submit("train", request, lane="training", learner=token)
        lane = "training"
    notes.runs.setdefault(run_id, (json.dumps(request, sort_keys=True), token))
    with contextlib.suppress(PlantEduError):
        ensure_worker(lane, store=store)


def ask_for_replays(home: Path, notes: Notes, count: int) -> None:
    """So many learners ask for a replay at once."""
    store = Store(home / FILE)
    request = {"recording": "cross-0", "speed": 60}
    for _ in range(count):
        token = new_token()
        try:
            run_id = store.submit("replay", request, lane="replay", learner=token, fresh=True)
        except PlantEduError as error:
            notes.refused[type(error).__name__] += 1
            continue
        notes.runs[run_id] = (json.dumps(request, sort_keys=True), token)
    with contextlib.suppress(PlantEduError):
        ensure_worker("replay", store=store)
    store.close()


def lost(home: Path, notes: Notes) -> list[str]:
    """Every noted row that is not there, or is not what was noted."""
    found = []
    with contextlib.closing(sqlite3.connect(home / FILE, timeout=30)) as link:
        (whole,) = link.execute("PRAGMA integrity_check").fetchone()
        if whole != "ok":
            found.append(f"the database: {whole}")
        for run_id, (request, _) in notes.runs.items():
            row = link.execute("SELECT request FROM runs WHERE id = ?", (run_id,)).fetchone()
            if row is None or json.dumps(json.loads(row[0]), sort_keys=True) != request:
                found.append(f"run {run_id}")
        for (learner, lesson, item), commitment in notes.predictions.items():
            row = link.execute(
                "SELECT choice, confidence FROM predictions "
                "WHERE learner = ? AND lesson = ? AND item = ?",
                (learner, lesson, item),
            ).fetchone()
            if row != commitment:
                found.append(f"prediction {learner} {lesson} {item}")
    return found


def failures(home: Path, faults: Sequence[tuple[str, float, float]]) -> dict[str, dict[str, int]]:
    """Why runs failed, how many, and which faults came while they were there.

    A reason is true where a fault of its kind came in the run's time; "no fault" would be a run
    that failed by itself. The sweep of a worker's faults goes on for a while: `AFTER`.
    """
    with contextlib.closing(sqlite3.connect(home / FILE, timeout=30)) as link:
        rows = link.execute(
            "SELECT error, created, ended FROM runs WHERE state = 'failed'"
        ).fetchall()
    found: dict[str, Counter[str]] = {}
    for error, created, ended in rows:
        beside = {
            name for name, since, until in faults if since <= ended and until >= created - AFTER
        }
        said = re.sub(r"\d+", "#", error)[:160]
        found.setdefault(said, Counter()).update(["runs", *(beside or {"no fault"})])
    return {said: dict(counts) for said, counts in found.items()}
