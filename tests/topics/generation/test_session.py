"""The generation_session: the gallery around a denoiser, and what is asked of it."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from plantedu.errors import PlantEduError
from plantedu.topics.generation.conditions import condition
from plantedu.topics.generation.denoisers import FOLDER
from plantedu.topics.generation.results.generate import Settings
from plantedu.topics.generation.session import (
    GenerationSession,
    denoiser_path,
    encoders,
    generation_session,
    scene_of,
)
from tests.topics.generation.painted import TINY, painter

ONE = Settings(samples=2, steps=2)


@pytest.fixture(scope="module")
def around():
    folder = painter()
    return generation_session(folder / FOLDER / "tiny.safetensors", folder / "bank")


def scene(around, settings, x1=None, x2=None):
    return scene_of(settings, around, encoders(settings.encoder), x1, x2, lambda: None)


def test_the_gallery_was_never_trained_on(around):
    assert len(around.held_out) == TINY.held_out
    assert set(around.held_out.plants) == set(range(TINY.held_first, TINY.held_out))
    assert set(around.familiar.plants) == set(range(TINY.first, TINY.first + TINY.pairs))
    assert around.side == TINY.side


def test_one_plant_is_rendered_before_the_first_look_and_the_rest_after(around):
    asked = []

    def take(rows):
        asked.append(len(rows))
        return around.plants.take(rows)

    fresh = GenerationSession(
        around.stages, around.recipe, SimpleNamespace(**vars(around.plants), take=take)
    )
    condition(replace(ONE, plant=3), scene(fresh, replace(ONE, plant=3)))
    assert asked == [1]
    assert len(fresh.familiar.x1) == TINY.pairs
    assert asked == [1, TINY.pairs]


def test_a_plant_of_the_gallery_or_a_stranger(around):
    own = scene(around, replace(ONE, plant=3))
    assert own.own == 3
    assert np.array_equal(own.x1, around.held_out.x1[3])
    stranger = scene(around, ONE, x1=around.held_out.x1[0])
    assert stranger.own is None
    assert stranger.x2 is None


def test_an_encoder_without_a_denoiser_is_named_with_those_that_have_one(around):
    asked = replace(ONE, encoder="cross-1")
    with pytest.raises(PlantEduError, match=r"conditioned on cross-1/h.*cross-0/h, cross-0/z"):
        scene(around, asked)
    with pytest.raises(PlantEduError, match="conditioned on supervised_rgb-0/z"):
        scene(around, replace(ONE, encoder="supervised_rgb-0", layers="z"))
    with pytest.raises(PlantEduError, match="conditioned on cross-0/hz"):
        scene(around, replace(ONE, layers="hz"))  # h and z each: never both at once in training


def test_a_plant_that_is_not_there_and_a_denoiser_that_is_not_there(around):
    with pytest.raises(PlantEduError, match="0 to 23"):
        scene(around, replace(ONE, plant=24))
    with pytest.raises(PlantEduError, match=r"No denoiser is called 'huge'; there are .*tiny"):
        denoiser_path(replace(ONE, denoiser="huge"), painter())
    assert denoiser_path(replace(ONE, denoiser="tiny"), painter()).stem == "tiny"


@pytest.mark.parametrize("knobs", [{"samples": 0}, {"guidance": -1.0}, {"seed": -1}])
def test_counts_that_cannot_be_are_refused(knobs):
    with pytest.raises(PlantEduError):
        replace(ONE, **knobs)
