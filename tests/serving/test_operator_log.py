"""What a host reads: one line each, no key of a learner, no line that a learner wrote."""

import asyncio
import contextlib

import pytest

from plantedu.serving import operator_log
from plantedu.serving.operator_log import Ends, follow_ends, open_log, who

TOKEN = "a-learner-of-mine-1"


@pytest.fixture
def lines(store):
    """Opens the log; a function that gives its lines without their time."""
    home = store.path.parent
    open_log(home)
    yield lambda: [
        line.split(" ", 2)[2] for line in (home / "logs" / "course.log").read_text().splitlines()
    ]
    for handler in operator_log.LOG.handlers[:]:
        operator_log.LOG.removeHandler(handler)
        handler.close()


def test_a_line_for_each_thing_that_happens(store, lines):
    ends = Ends(store)
    run = store.submit("kept", {}, lane="analysis", learner=TOKEN, name="my private name")
    operator_log.asked("kept", lane="analysis", learner=TOKEN, run=run)
    operator_log.refused("train", learner=TOKEN, reason="You have 2 runs\nwaiting.\r\n2026 INFO x")
    assert ends.look() == 0
    store.lease("analysis", "w")
    store.fail(run, "no leaf\nwas found", worker="w")
    other = store.submit("kept", {"n": 1}, lane="analysis")
    store.cancel(other)
    assert ends.look() == 2
    assert ends.look() == 0
    name = who(TOKEN)
    assert lines() == [
        f"INFO asked kind=kept lane=analysis run={run} learner={name}",
        f"WARNING refused kind=train learner={name} reason=You have 2 runs waiting. 2026 INFO x",
        f"WARNING failed kind=kept lane=analysis run={run} learner={name} seconds=0 "
        "reason=no leaf was found",
        f"INFO cancelled kind=kept lane=analysis run={other} learner=terminal seconds=0",
    ]
    assert TOKEN not in "".join(lines())


def test_what_ended_before_is_not_written_and_what_is_dated_late_is(store, lines, clock):
    old = store.submit("kept", {}, lane="analysis", worker="w")
    store.finish(old, {}, worker="w")
    ends = Ends(store)
    ids = [store.submit("kept", {"n": n}, lane="analysis", worker="w") for n in range(2)]
    clock.ahead = 5.0
    store.finish(ids[0], {}, worker="w")
    ends.look()
    clock.ahead = 4.0  # dated before the other, written after it
    store.finish(ids[1], {}, worker="w")
    ends.look()
    assert [line.split("run=")[1][:8] for line in lines()] == ids


def test_it_rotates(store, lines, monkeypatch):
    monkeypatch.setattr(operator_log, "SIZE", 500)
    monkeypatch.setattr(operator_log, "KEPT", 2)
    open_log(store.path.parent)
    for _ in range(100):
        operator_log.refused("train", learner=TOKEN, reason="no")
    sizes = {path.name: path.stat().st_size for path in (store.path.parent / "logs").iterdir()}
    assert set(sizes) == {"course.log", "course.log.1", "course.log.2"}
    assert max(sizes.values()) <= 500


def test_the_server_follows(store, lines):
    async def a_while():
        task = asyncio.create_task(follow_ends(store, every=0.01))
        await asyncio.sleep(0.2)
        run = store.submit("kept", {}, lane="analysis", worker="w")
        store.finish(run, {}, worker="w")
        while not lines():
            await asyncio.sleep(0.02)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        return run

    run = asyncio.run(asyncio.wait_for(a_while(), 20))
    assert f"done kind=kept lane=analysis run={run}" in lines()[0]


def test_a_home_without_room_stops_nobody(tmp_path, capsys):
    (tmp_path / "logs").touch()
    open_log(tmp_path)
    operator_log.refused("train", learner="", reason="no")
    assert "learner=terminal" in capsys.readouterr().err
