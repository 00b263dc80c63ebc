"""The child's side of the line: what it hears, what it says, when it goes."""

import subprocess
import sys

import pytest


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
