"""Gradients of two objectives: nulls beside every cosine."""

import json
from dataclasses import replace
from types import SimpleNamespace

import pytest

from plantedu.errors import PlantEduError
from plantedu.topics.bump.gradients import METHOD, gradients
from plantedu.topics.bump.results.gradients import GradientsResult, Settings
from plantedu.zoo.loaded_checkpoint import load_stage

FAST = Settings(batches=8)


@pytest.fixture
def short(tiny_stages, monkeypatch):
    """The tiny run has 64 plants: batches of 4, so that eight and a queue of 16 fit."""

    def small(path):
        found = load_stage(path)
        return replace(found, recipe=replace(found.recipe, batch=4))

    monkeypatch.setattr("plantedu.topics.bump.gradients.load_stage", small)
    return lambda name: gradients(
        tiny_stages / f"{name}.safetensors", FAST, bank_folder=tiny_stages / "bank"
    )


def test_every_part_has_its_cosines_and_nulls(short):
    result = short("on-6")
    assert [c.part for c in result.cosines] == [
        part for part in ("encoder", "projector", "prototypes", "all") for _ in range(3)
    ]
    for cosine in result.cosines:
        assert -1 <= cosine.cosine.value <= 1
        assert abs(cosine.cosine.null) < 1
        assert 0 < cosine.random < 0.2
    one = result.of("projector")
    assert one.cosine.value > one.apart
    assert result == short("on-6")
    assert GradientsResult.from_json(json.loads(json.dumps(result.as_json()))) == result
    assert "two batches" in result.chart().alt


def test_too_few_plants_or_batches_are_said(tiny_stages):
    with pytest.raises(PlantEduError, match="need 80 training plants; there are 64"):
        gradients(tiny_stages / "on-6.safetensors", FAST, bank_folder=tiny_stages / "bank")
    with pytest.raises(PlantEduError, match="at least 8"):
        Settings(batches=7)


def test_terminal_prints_one_object_last(short, tiny_stages, plantedu_home, capsys):
    plantedu_home.mkdir(parents=True)
    (plantedu_home / "bank").symlink_to(tiny_stages / "bank")
    assert METHOD.main([str(tiny_stages / "on-6.safetensors"), "--batches", "8", "--json"]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert {"value", "null", "n", "seeds", "interval"} <= set(
        json.loads(printed[-1])["cosines"][0]["cosine"]
    )


def test_a_page_may_stop_it(short, tiny_stages, monkeypatch):
    def stop():
        raise KeyboardInterrupt

    monkeypatch.setattr(
        "plantedu.topics.method.asked_file",
        lambda name, folder: tiny_stages / f"{name}.safetensors",
    )
    asked = {"checkpoint": "on-6", "batches": 8}
    run, store = SimpleNamespace(request=asked), SimpleNamespace(folder=lambda run: None)
    work = SimpleNamespace(run=run, check=stop, store=store)
    with pytest.raises(KeyboardInterrupt):
        METHOD.job(work)
