"""What is said of a number before a claim rests on it."""

import pytest

from plantedu.course.cautions import cautions
from plantedu.statistics.evidence import Evidence
from plantedu.store.store import Store


def number(interval, **words):
    return Evidence(
        question="?", value=0.5, null=0.4, control="a coin", n=9, interval=interval, **words
    )


def test_a_committed_number_apart_from_its_null_needs_no_caution():
    assert cautions("results/01_x.json#/good", number((0.45, 0.6))) == ()


def test_an_interval_that_holds_the_null_is_said():
    (one,) = cautions("results/01_x.json#/good", number((0.3, 0.7)))
    assert "0.3 to 0.7, holds the null, 0.4" in one
    assert cautions("results/01_x.json#/good", number(None)) == ()


@pytest.mark.parametrize(
    ("kind", "request_", "result", "said"),
    [
        ("generate", {"plant": 3, "guidance": 1.0}, {}, ["samples of one plant"]),
        ("generate", {"guidance": 3.0}, {}, ["samples of one plant", "guidance 3"]),
        ("attack", {}, {"signs": [{"name": "zero slopes", "rings": True}]}, ["zero slopes"]),
        ("attack", {}, {"signs": [{"name": "zero slopes", "rings": False}]}, []),
        ("dictionary", {}, {"warning": "Half are dead."}, ["Half are dead"]),
    ],
)
def test_a_run_of_ones_own_says_what_it_is_of(tmp_path, kind, request_, result, said):
    store = Store(tmp_path / "s.sqlite")
    run = store.submit(kind, request_, lane="analysis")
    store.finish(run, {"x": 1, **result})
    found = cautions(f"run:{run}#/numbers", number((0.45, 0.6)), store)
    assert len(found) == len(said)
    assert all(part in one for part, one in zip(said, found, strict=True))
    store.close()


def test_a_run_that_is_gone_leaves_what_the_number_says(tmp_path):
    store = Store(tmp_path / "s.sqlite")
    assert cautions("run:abcd#/x", number((0.45, 0.6)), store) == ()
    store.close()
