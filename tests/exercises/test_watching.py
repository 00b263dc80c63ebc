"""What a function does beside its answer is told as what it is, and undone."""

import random
import time

import numpy as np
import pytest
import torch

from plantedu.exercises.exercise import Failed
from plantedu.exercises.watching import TooLongError, Watched, global_states, time_limit


def failed(function, *args, **named) -> Failed:
    with pytest.raises(Failed) as raised:
        Watched(function, "mine")(*args, **named)
    return raised.value


def adds(x):
    x += 1
    return x


@pytest.mark.parametrize("x", [np.ones(3), torch.ones(3), [1, 2]], ids=["array", "tensor", "list"])
def test_a_change_in_place_is_told(x):
    def function(x):
        x[0] = 7
        return x

    before = [1, 2] if isinstance(x, list) else [1, 1, 1]
    error = failed(function, x)
    assert (error.kind, "argument 1" in error.sentence) == ("inputs", True)
    assert list(x) == before, "the checks that follow see what they expect"


def test_what_a_function_changed_before_it_raised_is_put_back():
    x = {"a": [np.ones(2)], "b": {1, 2}, "c": (np.zeros(1), 3)}

    def function(x):
        x["a"][0][:] = 5
        x["a"].append(4)
        x["b"].add(3)
        x["c"][0][:] = 2
        x["d"] = 1
        raise ValueError

    assert failed(function, x).kind == "exception"
    assert x["a"][0].tolist() == [1, 1]
    assert (len(x["a"]), x["b"], x["c"][0].tolist(), sorted(x)) == (1, {1, 2}, [0], ["a", "b", "c"])


def test_a_change_deep_inside_and_by_name_is_told():
    assert "'x'" in failed(lambda x: adds(x["a"][0]), x={"a": [np.ones(2)]}).sentence
    assert Watched(adds, "mine")(1) == 2  # a number cannot be changed in place
    assert np.isnan(Watched(lambda x: x[0], "mine")(np.full(1, np.nan)))


@pytest.mark.parametrize(
    ("act", "name"),
    [
        (lambda: random.seed(0), "random"),
        (lambda: np.random.seed(0), "numpy"),  # noqa: NPY002
        (lambda: torch.manual_seed(0), "torch"),
        (lambda: torch.rand(1), "torch"),
    ],
    ids=["random", "numpy", "torch", "drawn"],
)
def test_global_seeds_are_told_and_put_back(act, name):
    before = global_states()
    error = failed(act)
    assert (error.kind, name in error.sentence) == ("seeds", True)
    after = global_states()
    assert after["random"] == before["random"]
    assert after["numpy"][1].tolist() == before["numpy"][1].tolist()
    assert torch.equal(after["torch"], before["torch"])


def test_a_generator_of_its_own_is_fine():
    assert Watched(lambda g: g.random(), "mine")(np.random.default_rng(0)) < 1


@pytest.mark.parametrize(
    ("act", "kind", "said"),
    [
        (lambda: 1 / 0, "exception", "mine raised ZeroDivisionError: division by zero in line"),
        (lambda: exit(3), "exception", "SystemExit"),
        (lambda: np.ones(10**15), "memory", "memory"),
    ],
    ids=["error", "exit", "memory"],
)
def test_exceptions_are_told(act, kind, said):
    error = failed(act)
    assert (error.kind, said in error.sentence) == (kind, True), error


def test_a_loop_that_never_ends_is_stopped_even_if_it_catches_exceptions():
    started = time.monotonic()

    def loops():
        while True:
            try:
                time.sleep(0.01)
            except Exception:
                continue

    with pytest.raises(TooLongError), time_limit(0.2):
        loops()
    assert time.monotonic() - started < 5
    with time_limit(0.05):
        pass
    time.sleep(0.1)  # no alarm is left
