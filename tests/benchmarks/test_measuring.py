"""Ratios are taken within turns, aims are judged by the median, and a failed gate stops a row."""

import json

import pytest

from benchmarks import measuring
from benchmarks.measuring import Found, Row, in_turns, ratio_of, rounded, spread


def test_ratios_are_taken_within_a_turn():
    """A machine that slows down for both sides alike leaves the ratio alone."""
    found = ratio_of([2.0, 20.0, 200.0], [1.0, 10.0, 100.0])
    assert (found.median, found.lowest, found.highest, found.turns) == (2.0, 2.0, 2.0, 3)


def test_seconds_become_a_pace_with_its_ends_the_other_way_round():
    pace = spread([1.0, 2.0, 4.0]).inverse(8)
    assert (pace.median, pace.lowest, pace.highest) == (4.0, 2.0, 8.0)


def test_arms_take_turns_and_every_second_turn_goes_back():
    seen = []
    taken = in_turns({"a": lambda: seen.append("a"), "b": lambda: seen.append("b")}, 3, warm=1)
    assert "".join(seen) == "abbaabba"
    assert {name: len(seconds) for name, seconds in taken.items()} == {"a": 3, "b": 3}


@pytest.mark.parametrize(("value", "met"), [(1.6, True), (1.4, False)])
def test_an_aim_is_judged_by_the_median(value, met):
    found = Found()
    found.ratio("ours / theirs", spread([value, value, 0.1, 9.0][:3]), at_least=1.5)
    found.ratio("time", spread([value]), at_most=1.5)
    found.ratio("stated", spread([value]))
    assert [ratio.met for ratio in found.ratios.values()] == [met, not met, None]


@pytest.mark.parametrize("value", [0.2, float("nan"), float("inf")])
def test_a_gate_that_fails_leaves_nothing_to_time(value):
    found = Found()
    with pytest.raises(SystemExit, match="Gate failed: difference"):
        found.check("difference", value, 0.1)
    found.check("difference", 0.1, 0.1)
    assert found.gates[-1].passed


def row(**changes):
    def measure(options):
        found = Found()
        found.figure("ours", spread([1.23456789, 2.0]), "s")
        return found

    given = {"name": "tried", "title": "t", "against": "a", "measure": measure}
    return Row(**given | {"measures": ("benchmarks/measuring.py",)} | changes)


def test_a_result_is_kept_and_is_stale_once_its_code_changes(tmp_path, monkeypatch):
    monkeypatch.setattr(measuring, "RESULTS", tmp_path)
    monkeypatch.setattr(measuring, "ROOT", tmp_path)
    for name in ("benchmarks/measuring.py", "benchmarks/rows/tried.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x = 1\n")
    one = row()
    one.run(["--quick"])
    assert not one.path.exists()
    one.run(["--repeats", "3"])
    kept = json.loads(one.path.read_text())
    assert kept["command"].endswith("benchmarks.rows.tried --repeats 3")
    assert kept["figures"]["ours"]["lowest"] == 1.2346
    assert one.is_current()
    (tmp_path / "benchmarks/rows/tried.py").write_text("x = 2\n")
    assert not one.is_current()


def test_what_is_kept_names_no_host_and_no_folder():
    assert set(measuring.machine()) == {"processor", "cores", "memory_gb", "system", "python"}


def test_rounding_keeps_words_whole_numbers_and_what_is_no_number():
    plain = rounded({"a": [0.1234567, 12, "x", True], "b": float("nan")})
    assert plain["a"] == [0.12346, 12, "x", True]
    assert plain["b"] != plain["b"]
