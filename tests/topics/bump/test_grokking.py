"""Grokking: when it was learned and understood, the controls, the job, the command."""

import json
from dataclasses import replace
from types import SimpleNamespace

import pytest

from plantedu.errors import PlantEduError
from plantedu.store.store import Store
from plantedu.topics.bump.grokking import METHOD, grokking, grokking_result
from plantedu.topics.bump.results.grokking import ARMS, Adding, GrokkingResult

SMALL = Adding(prime=7, width=8, hidden=16, steps=40, every=10)


def rows(understood=(300, None, None)):
    """Made-up looks every 100 steps: each arm learns at 100 and understands where said."""
    looks = []
    for step in range(100, 600, 100):
        values = {}
        for arm, when in zip(ARMS, understood, strict=True):
            knows = when is not None and step >= when
            values |= {f"{arm}/{c}": 0.5 for c in ("loss/train", "loss/test", "norm")}
            values |= {f"{arm}/accuracy/train": 1.0, f"{arm}/accuracy/test": 0.99 * knows}
            values[f"{arm}/fourier"] = step / 1000 if arm == "decay" else 0.1
        looks.append((step, values))
    return looks


def test_learned_understood_delay_and_the_measure_before_it():
    result = grokking_result(rows(), SMALL, 1.0)
    arm = result.arms["decay"]
    assert (arm.learned, arm.understood) == (100, 300)
    assert (result.delay.value, result.delay.null) == (200, 400)
    assert "not understood" in result.delay.control
    assert result.fourier_before.value == pytest.approx(0.2)
    assert "step 200" in result.fourier_before.question
    assert (result.accuracy.value, result.accuracy.null) == (0.99, 0)


def test_a_control_that_understands_too_is_said_to():
    result = grokking_result(rows((300, 400, None)), SMALL, 1.0)
    assert result.delay.null == 300
    assert result.delay.control == "no weight decay"


def test_a_training_reads_back_and_draws_every_measure():
    result = grokking(SMALL)
    back = GrokkingResult.from_json(json.loads(json.dumps(result.as_json())))
    assert back == replace(result, seconds=back.seconds)
    for what in ("accuracy", "loss", "fourier", "norm"):
        drawing = result.chart(what)
        assert {"no weight decay", "shuffled answers"} <= set(drawing.rows["name"])
        assert "shuffled answers" in drawing.alt
    with pytest.raises(PlantEduError, match="to draw"):
        result.chart("colour")


def test_the_same_seed_gives_the_same_curves():
    assert grokking(SMALL).arms == grokking(SMALL).arms
    assert grokking(SMALL).arms != grokking(replace(SMALL, seed=1)).arms


def test_the_job_logs_every_arm_and_stops_when_wished(plantedu_home):
    store = Store()
    request = {"prime": 7, "width": 8, "hidden": 16, "steps": 40, "every": 10}
    run_id = store.submit("grokking", request, lane="analysis", worker="w")
    work = SimpleNamespace(store=store, run=store.run(run_id), check=lambda: None)
    found = METHOD.job(work)
    assert list(found["arms"]["decay"]["steps"]) == [10, 20, 30, 40]
    series = store.metrics(run_id)
    for arm in ARMS:
        assert series[f"{arm}/accuracy/test"].steps.tolist() == [0, 10, 20, 30, 40]

    def stop():
        raise RuntimeError("wished")

    with pytest.raises(RuntimeError, match="wished"):
        METHOD.job(SimpleNamespace(store=store, run=store.run(run_id), check=stop))


def test_the_command_prints_a_row_a_seed_and_one_object(capsys):
    words = ["--prime", "7", "--width", "8", "--hidden", "16", "--steps", "20", "--seeds", "2"]
    assert METHOD.main([*words, "--json"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[1:3]] == ["0", "1"]
    found = json.loads(lines[-1])
    assert {"value", "null", "n", "seeds", "interval"} <= set(found["accuracy"])
    assert len(found["further_seeds"]) == 1


@pytest.mark.slow
def test_the_real_one_is_understood_long_after_it_was_learned():
    result = grokking(Adding())
    arm = result.arms["decay"]
    assert arm.learned is not None
    assert arm.understood is not None
    assert arm.understood > 5 * arm.learned
    assert result.accuracy.value > 0.95
    assert result.accuracy.null < 0.1
    assert result.fourier_before.value > 1.2 * result.fourier_before.null
