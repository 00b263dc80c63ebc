"""The child's side of the line: what it hears, what it says, when it goes."""

import subprocess
import sys
from importlib.util import find_spec
from types import SimpleNamespace

import pytest

from plantedu.jobs import child


@pytest.fixture
def hand(store):
    words = [sys.executable, "-m", "plantedu.jobs.child", "--worker=w"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    process = subprocess.Popen(words, **pipes)
    yield process
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        pipe.close()


def tell(process, word):
    process.stdin.write(word + "\n")
    process.stdin.flush()


def test_it_does_what_it_hears_and_says_so(store, hand, until):
    runs = [
        store.submit("ping", {"steps": n, "seconds": 0.01}, lane="analysis", worker="w")
        for n in (2, 500)
    ]
    tell(hand, runs[0])
    assert hand.stdout.readline().strip() == runs[0]
    assert store.run(runs[0]).state == "done"
    tell(hand, runs[1])
    until(lambda: store.run(runs[1]).step > 0)
    tell(hand, "cancel")
    assert hand.stdout.readline().strip() == runs[1]
    assert store.run(runs[1]).state == "cancelled"
    tell(hand, "no such run")
    assert hand.stdout.readline().strip() == "no such run"  # and it goes on
    hand.stdin.close()
    assert hand.wait(timeout=10) == 0


@pytest.fixture
def loaded(monkeypatch):
    """Names that `load_ahead` was about to import, and an ear that hears a run after the second."""
    names, waiting = [], []

    def imported(name):
        names.append(name)
        if name == "two":
            waiting.append("a run")
        if name == "broken":
            raise RuntimeError("half installed")
        if name == "large":
            raise MemoryError

    monkeypatch.setattr(child, "import_module", imported)
    ear = SimpleNamespace(runs=SimpleNamespace(empty=lambda: not waiting))
    return lambda *words: child.load_ahead(ear, words) or names


def test_it_loads_ahead_until_a_run_comes(loaded):
    assert loaded("one", "two", "three") == ["one", "two"]
    assert loaded("three") == ["one", "two"], "a run waits"


def test_what_cannot_be_loaded_ahead_is_for_the_run_to_say(loaded):
    assert loaded("broken", "one") == ["broken", "one"]


def test_where_memory_is_short_no_more_is_loaded(loaded):
    assert loaded("one", "large", "two") == ["one", "large"]


def test_all_that_is_loaded_ahead_is_there():
    assert len(child.AHEAD) > 40
    assert [name for name in child.AHEAD if find_spec(name) is None] == []
