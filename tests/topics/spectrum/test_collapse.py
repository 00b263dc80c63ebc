"""Ranks along a tiny run, at one n."""

import json

import numpy as np
import pytest

from plantedu.errors import PlantEduError
from plantedu.topics.spectrum.collapse import METHOD, collapse, measured
from plantedu.topics.spectrum.results.collapse import CollapseResult, Settings

FAST = Settings(plants=24, halves=10, shuffles=19)


@pytest.fixture(scope="module")
def result(tiny_stages):
    files = [tiny_stages / f"on-{step}.safetensors" for step in (12, 4)]
    return collapse(files, FAST, bank_folder=tiny_stages / "bank")


def test_stops_stand_in_order_at_one_n(result):
    assert [stop.step for stop in result.stops] == [4, 12]
    assert result.rows == 48
    assert {one.n for stop in result.stops for one in stop.measures.values()} == {24}
    for stop in result.stops:
        assert set(stop.measures) == {"rankme", "pr", "horn"}
        assert any("alpha is not defined" in line for line in stop.says)
        low, high = stop.measures["rankme"].interval
        assert low <= stop.measures["rankme"].value <= high
        assert sum(stop.values) == pytest.approx(1, abs=1e-3)


def test_json_gives_the_result_back_and_charts_show_the_null(result):
    found = CollapseResult.from_json(json.loads(json.dumps(result.as_json())))
    assert found == result
    assert "random init" in found.chart().alt
    assert "random-init encoder" in set(found.spectrum_chart(1).rows["name"])
    assert "first one" not in str(found.spectrum_chart(0).rows["name"].tolist())


def test_planted_ranks_are_measured():
    draw = np.random.default_rng(0)
    five = draw.normal(size=(400, 5)) @ np.linalg.qr(draw.normal(size=(40, 5)))[0].T
    assert measured(five, "pr", FAST) == pytest.approx(5, abs=0.2)
    assert measured(five, "rankme", FAST) == pytest.approx(5, abs=0.1)
    assert measured(five, "alpha", FAST) is None
    assert measured(five + 0.02 * draw.normal(size=five.shape), "horn", FAST) == 5


def test_wide_layers_say_what_few_rows_do(tiny_stages):
    found = collapse(
        [tiny_stages / "on-12.safetensors"],
        Settings(layer="h", plants=24, halves=10, shuffles=19),
        bank_folder=tiny_stages / "bank",
    )
    assert "48 rows for 512 dimensions" in found.stops[0].says[0]


def test_what_cannot_be_compared_is_refused(tiny_stages):
    with pytest.raises(PlantEduError, match="at least one"):
        collapse([], FAST, bank_folder=tiny_stages / "bank")
    with pytest.raises(PlantEduError, match="there are h, z, pixels"):
        collapse(
            [tiny_stages / "on-4.safetensors"],
            Settings(layer="y"),
            bank_folder=tiny_stages / "bank",
        )


def test_terminal_prints_one_object_last(tiny_stages, plantedu_home, capsys):
    plantedu_home.mkdir(parents=True)
    (plantedu_home / "bank").symlink_to(tiny_stages / "bank")
    words = [str(tiny_stages / "on-4.safetensors"), "--plants", "24", "--halves", "10"]
    assert METHOD.main([*words, "--shuffles", "19", "--json"]) == 0
    found = CollapseResult.from_json(json.loads(capsys.readouterr().out.splitlines()[-1]))
    assert {"value", "null", "n", "seeds", "interval"} <= set(
        found.as_json()["stops"][0]["measures"]["pr"]
    )
