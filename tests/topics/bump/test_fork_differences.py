"""Two arms come apart: planted differences are found in their window, beside the control's own."""

import pytest

from plantedu.topics.bump.fork_differences import READ, first_step, window


def planted(seeds, *, fall_from=11):
    """The arm `on` lies 1 below `off` from a step on; controls of two seeds lie .02 apart."""
    runs = {}
    for seed in seeds:
        off = [(400 + k, 5 + 0.02 * seed + 0.001 * k) for k in range(1, 31)]
        on = [(s, v - (s >= 400 + fall_from)) for s, v in off]
        runs[seed] = {f"off/{n}": off for n in READ} | {f"on/{n}": on for n in READ}
    return runs


def test_a_difference_is_found_in_its_window_only():
    runs = planted((0, 1))
    for first, last, wanted in ((1, 10, 0.0), (11, 30, -1.0), (1, 20, -0.5)):
        found = window(runs, 400, first, last, plants=64, batch=8)
        for name, one in found.differences.items():
            assert one.value == pytest.approx(wanted)
            assert one.null == pytest.approx(0.02)
            assert one.n == (64 if "ruler" in name else 8 * (last - first + 1))
            assert found.on[name] - found.off[name] == pytest.approx(wanted)


def test_one_seed_is_compared_with_its_own_change():
    one = window(planted((0,)), 400, 1, 20, plants=64, batch=8).differences["loss"]
    assert one.null == pytest.approx(0.01)
    assert one.interval is None


def test_a_window_without_readings_is_left_out():
    runs = planted((0, 1))
    for curves in runs.values():
        curves["on/ruler/kept"] = []
    found = window(runs, 400, 1, 10, plants=64, batch=8)
    assert set(found.differences) == set(READ) - {"ruler/kept"}


def test_the_first_step_is_the_ruler_alone():
    found = first_step(planted((0, 1), fall_from=1), 8)
    assert (found.value, found.n) == (pytest.approx(-1), 16)
    assert found.null == pytest.approx(0.02)
    assert "next" in first_step(planted((0,)), 8).control
