"""Along the line: no hill from a network to itself, one to its twin, and the control beside it."""

import json

import numpy as np
import pytest

from plantedu.errors import PlantEduError
from plantedu.topics.bump.connectivity import METHOD, barrier, connectivity, excess
from plantedu.topics.bump.results.connectivity import ConnectivityResult, Settings

FAST = Settings(points=3, pack=16, queue=16, recalibrated=16)


def walked(folder, pair, control, settings=FAST):
    files = [tuple(folder / f"{name}.safetensors" for name in names) for names in (pair, control)]
    return connectivity(*files, settings, bank_folder=folder / "bank")


def test_barrier_equals_its_slow_twin():
    draws = np.random.default_rng(0)
    losses, alphas = draws.normal(size=(5, 7)), np.linspace(0, 1, 5)
    means = [sum(row) / 7 for row in losses]
    rises = [m - ((1 - a) * means[0] + a * means[-1]) for m, a in zip(means, alphas, strict=True)]
    value, at = barrier(losses, alphas)
    assert value == pytest.approx(max(rises))
    assert at == alphas[int(np.argmax(rises))]
    assert excess(losses, alphas)[[0, -1]] == pytest.approx(0)


def test_a_known_hill_is_measured_and_a_straight_or_hollow_line_has_none():
    alphas = np.linspace(0, 1, 11)
    hill = 1 + alphas + 2 * alphas * (1 - alphas)
    assert barrier(hill[:, None], alphas) == pytest.approx((0.5, 0.5))
    assert barrier((1 + alphas)[:, None], alphas)[0] == pytest.approx(0, abs=1e-12)
    assert barrier(((alphas - 0.5) ** 2)[:, None], alphas)[0] == 0


def test_a_network_has_no_hill_to_itself_and_one_to_its_twin(tiny_stages):
    result = walked(tiny_stages, ("on-12", "on-12"), ("off-6", "off-12"))
    for ruler, norm in ((0, "recomputed"), (1, "recomputed"), (0, "averaged")):
        assert result.of("event", ruler, norm).barrier.value == pytest.approx(0, abs=1e-5)
    twin = result.of("twin")
    assert twin.losses[0] == pytest.approx(twin.losses[-1], rel=1e-4)
    assert max(abs(np.diff(twin.losses))) > 0.003
    assert result.distances["event"] == 0 < result.distances["twin"]


def test_json_gives_the_result_back_and_the_chart_shows_the_control(tiny_stages):
    result = walked(tiny_stages, ("on-6", "on-12"), ("off-6", "off-12"))
    again = walked(tiny_stages, ("on-6", "on-12"), ("off-6", "off-12"))
    assert result == again
    found = ConnectivityResult.from_json(json.loads(json.dumps(result.as_json())))
    assert found == result
    line = result.of("event", 1)
    low, high = line.barrier.interval
    assert 0 <= low <= line.barrier.value <= high
    assert line.barrier.null == result.of("control", 1).barrier.value
    drawing = found.chart(dark=True)
    assert {"event", "control", "twin"} == set(drawing.rows["pair"])
    assert len(drawing.rows) == 3 * (3 + 3 + 2)
    assert "(control " in drawing.alt


def test_too_short_a_line_is_refused():
    with pytest.raises(PlantEduError, match="at least 3 points"):
        Settings(points=2)


def test_terminal_prints_one_object_last(tiny_stages, plantedu_home, capsys):
    plantedu_home.mkdir(parents=True)
    (plantedu_home / "bank").symlink_to(tiny_stages / "bank")
    names = [str(tiny_stages / f"{name}.safetensors") for name in ("on-6", "on-12")]
    null = [str(tiny_stages / f"{name}.safetensors") for name in ("off-6", "off-12")]
    words = ["--points", "3", "--pack", "16", "--recalibrated", "16", "--no-twin", "--json"]
    assert METHOD.main([*names, "--control", *null, *words]) == 0
    printed = capsys.readouterr().out.splitlines()
    found = json.loads(printed[-1])
    assert {"value", "null", "n", "seeds", "interval"} <= set(found["lines"][0]["barrier"])
    assert any("barrier" in line for line in printed[:-1])
