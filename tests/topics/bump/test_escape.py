"""The escape: half ways that are known, stages in order, nulls beside every measure."""

import json
import math
from types import SimpleNamespace

import pytest

from plantedu.errors import PlantEduError
from plantedu.topics.bump.escape import METHOD, escape, halfway
from plantedu.topics.bump.results.escape import MEASURES, EscapeResult, Settings

FAST = Settings(plants=32, pack=16, queue=16, probe_seeds=1)
NAMES = ("off-12", "off-4", "off-6")


def files(folder):
    return [folder / f"{name}.safetensors" for name in NAMES]


def test_half_of_the_way_is_read_between_stages():
    assert halfway([0, 10, 20], [4, 4, 0]) == pytest.approx(15)
    assert halfway([0, 100, 200, 300], [0.4, 0.5, 0.9, 1.0]) == pytest.approx(150)
    assert halfway([0, 10, 20], [1, 5, 1]) is None
    assert halfway([0, 4, 8], [2.0, 0.0, 1.0]) == pytest.approx(1)


def test_stages_come_in_order_with_nulls_and_json_gives_them_back(tiny_stages):
    result = escape(files(tiny_stages), FAST, bank_folder=tiny_stages / "bank")
    assert [stop.step for stop in result.stops] == [4, 6, 12]
    assert result.rulers == ("no queue, batch 8", "queue of 16, batch 8")
    off = [abs(v - math.log(24)) for v in result.series("loss")[1]]
    assert result.plateau == result.stops[off.index(min(off))].step
    for stop in result.stops:
        assert set(stop.measures) == set(MEASURES)
        loss, parts = stop.measures["loss"], ("entropy", "divergence")
        assert loss.value == pytest.approx(sum(stop.measures[name].value for name in parts))
    assert EscapeResult.from_json(json.loads(json.dumps(result.as_json()))) == result
    assert "at random" in result.chart(dark=True).alt


def test_too_few_stages_are_refused(tiny_stages):
    with pytest.raises(PlantEduError, match="at least 3 stages, got 2"):
        escape(files(tiny_stages)[:2], FAST, bank_folder=tiny_stages / "bank")
    with pytest.raises(PlantEduError, match="needs a queue"):
        Settings(queue=0)


def test_terminal_prints_one_object_last(tiny_stages, plantedu_home, capsys):
    plantedu_home.mkdir(parents=True)
    (plantedu_home / "bank").symlink_to(tiny_stages / "bank")
    words = ["--plants", "32", "--pack", "16", "--queue", "16", "--probe-seeds", "1", "--json"]
    assert METHOD.main([*map(str, files(tiny_stages)), *words]) == 0
    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert {"value", "null", "n", "seeds", "interval"} <= set(
        found["stops"][0]["measures"]["disease"]
    )


def test_a_page_may_stop_it(tiny_stages, monkeypatch):
    def stop():
        raise KeyboardInterrupt

    monkeypatch.setattr("plantedu.topics.bump.escape.STAGES", tiny_stages)
    asked = {"plants": 32, "pack": 16, "queue": 16}
    run, store = SimpleNamespace(request=asked), SimpleNamespace(folder=lambda run: None)
    work = SimpleNamespace(run=run, check=stop, store=store)
    with pytest.raises(KeyboardInterrupt):
        METHOD.job(work)
