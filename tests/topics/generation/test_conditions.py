"""Conditions: each tells what its name says, and what cannot be is a sentence."""

import numpy as np
import pytest
import torch

from plantedu.data.renderer.factors import COLUMNS
from plantedu.data.renderer.pairs import render
from plantedu.data.renderer.worlds import world
from plantedu.errors import PlantEduError
from plantedu.topics.generation.conditions import BETWEEN, WALK, Scene, condition
from plantedu.topics.generation.reference_set import ReferenceSet, slope_on
from plantedu.topics.generation.results.generate import KINDS, PAIRS, Ask
from plantedu.zoo.encoders import load_encoder


@pytest.fixture(scope="module")
def reference():
    pairs = render(world("field"), np.arange(24), size=32)
    take = lambda rows: (pairs.x1[rows], pairs.x2[rows])  # noqa: E731
    return ReferenceSet(np.arange(24), pairs.factors, take, 32)


@pytest.fixture(scope="module")
def cross():
    return load_encoder("cross-0")


@pytest.fixture
def conditioned(reference, cross):
    """Tells of plant 3, or of what is said otherwise."""

    def conditioned(
        kind, *, seed=0, encoder=cross, x1=reference.x1[3], x2=reference.x2[3], own=3, **asked
    ):
        draw = torch.Generator().manual_seed(seed)
        return condition(Ask(kind=kind, **asked), Scene(encoder, x1, x2, reference, own, draw))

    return conditioned


def test_every_kind_can_be_told(conditioned):
    places = {"interpolation": len(BETWEEN), "walk": len(WALK), "pairs": len(PAIRS)}
    for kind in KINDS:
        found = conditioned(kind)
        rows = {len(r) for r in found.given.values()}
        assert rows <= {places.get(kind, 1)}
        assert found.says
        assert bool(found.given) == (kind != "nothing")


def test_one_and_matching_are_what_the_encoder_says(conditioned, reference, cross):
    one, pair = conditioned("one"), conditioned("matching")
    assert set(one.given) == {"cross-0/h/rgb"}
    assert torch.equal(one.given["cross-0/h/rgb"], cross.h(reference.x1[3:4]))
    assert set(pair.given) == {"cross-0/h/rgb", "cross-0/h/rgn"}
    assert torch.equal(pair.given["cross-0/h/rgn"], cross.h(reference.x2[3:4]))
    both = conditioned("one", layers="hz")
    assert set(both.given) == {"cross-0/h/rgb", "cross-0/z/rgb"}


@pytest.mark.parametrize(("kind", "same"), [("same_class", True), ("other_class", False)])
def test_a_mismatched_pair_has_another_plants_x2(conditioned, reference, kind, same):
    diseases = set()
    for seed in range(8):
        shown = dict(conditioned(kind, seed=seed).pictures)
        (other,) = [
            k for k in range(len(reference)) if np.array_equal(reference.x2[k], shown["X2"])
        ]
        assert other != 3
        diseases.add(reference.factors["disease"][other] == reference.factors["disease"][3])
    assert diseases == {same}


def test_pairs_stand_beside_each_other_with_one_x1(conditioned, reference, cross):
    found, matching = conditioned("pairs"), conditioned("matching")
    rgb, rgn = (found.given[f"cross-0/h/{sensor}"] for sensor in ("rgb", "rgn"))
    assert torch.equal(rgb, rgb[:1].expand(3, -1))
    assert torch.equal(rgn[:1], matching.given["cross-0/h/rgn"])
    shown = dict(found.pictures)
    assert list(shown)[:2] == ["X1", "X2"]
    others = [n for n in shown if n.startswith("plant ")]
    disease = reference.factors["disease"]
    plants = [int(n.removeprefix("plant ").partition(",")[0]) for n in others]
    assert [disease[k] == disease[3] for k in plants] == [True, False]
    for row, name in zip(rgn[1:], others, strict=True):
        assert torch.equal(row, cross.h(shown[name][None])[0])
        assert name.partition(",")[0] in found.says


def test_a_mismatched_pair_alone_is_the_one_among_pairs_and_its_disease_is_named(
    conditioned, reference
):
    """Another plant was drawn for it, and "another disease" may be none at all."""
    levels = COLUMNS["disease"].levels
    for seed in range(4):
        said = conditioned("pairs", seed=seed).says
        for kind in ("same_class", "other_class"):
            alone = conditioned(kind, seed=seed).says.removeprefix("X1 of this plant, ")
            assert alone in said
            k = int(alone.split("plant ")[1].split()[0])
            row = list(reference.plants).index(k)
            assert levels[int(reference.factors["disease"][row])] in alone


def test_the_ends_of_an_interpolation_are_the_two_plants(conditioned, reference, cross):
    found = conditioned("interpolation")
    rows = found.given["cross-0/h/rgb"]
    (_, first), (_, last) = found.pictures
    torch.testing.assert_close(rows[0], cross.h(first[None])[0])
    torch.testing.assert_close(rows[-1], cross.h(last[None])[0])
    torch.testing.assert_close(rows[2], (rows[0] + rows[-1]) / 2)


def test_an_edit_moves_along_the_slope_alone(conditioned, reference, cross):
    one, edited = (conditioned("one"), conditioned("edited", factor="chlorophyll", amount=1.5))
    moved = edited.given["cross-0/h/rgb"] - one.given["cross-0/h/rgb"]
    values = reference.factors["chlorophyll"]
    expected = slope_on(cross.h(reference.x1), values) * 1.5 * values.std()
    torch.testing.assert_close(moved[0], expected, atol=1e-4, rtol=1e-3)
    assert "raised" in edited.says


def test_an_attack_turns_h_away_within_its_ball(conditioned, reference, cross):
    found = conditioned("attacked", epsilon_255=8)
    (_, clean), (_, moved) = found.pictures
    assert np.abs(clean.astype(int) - moved.astype(int)).max() <= 8
    h = cross.h(clean[None])
    noise = np.random.default_rng(0).choice([-8, 8], size=clean.shape)
    noisy = np.clip(clean.astype(int) + noise, 0, 255).astype(np.uint8)
    by_attack, by_noise = (
        float(torch.cosine_similarity(h, cross.h(p[None]))) for p in (moved, noisy)
    )
    assert 1 - by_attack > 2 * (1 - by_noise)


def test_the_mean_is_of_plants_with_this_disease(conditioned, reference, cross):
    rows = np.flatnonzero(reference.factors["disease"] == reference.factors["disease"][3])
    expected = cross.h(reference.x1[rows]).mean(0)
    torch.testing.assert_close(conditioned("mean").given["cross-0/h/rgb"][0], expected)
    assert "all diseases" in conditioned("mean", own=None).says


def test_one_sensor_alone_is_told_by_the_sensor_that_is_there(conditioned):
    assert set(conditioned("one", x1=None).given) == {"cross-0/h/rgn"}


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"kind": "matching", "x2": None}, "the RGN one is not there.*condition 'one'"),
        ({"kind": "same_class", "own": None}, "choose a plant of the gallery"),
        ({"kind": "pairs", "own": None}, "choose a plant of the gallery"),
        ({"kind": "one", "x1": None, "x2": None}, "needs a picture"),
        ({"kind": "sideways"}, "A condition is one of"),
        ({"kind": "edited", "factor": "colour"}, "factor is one of"),
        ({"kind": "one", "layers": "p"}, "h, z or hz"),
        ({"kind": "attacked", "epsilon_255": 99}, "0 to 64"),
    ],
)
def test_what_cannot_be_told_is_a_sentence(conditioned, how, said):
    with pytest.raises(PlantEduError, match=said):
        conditioned(**how)


def test_a_baseline_of_one_sensor_is_told_by_one_picture(conditioned):
    supervised = load_encoder("supervised_rgb-0")
    assert set(conditioned("one", encoder=supervised).given) == {"supervised_rgb-0/h/rgb"}
    with pytest.raises(PlantEduError, match="a pair cannot be the condition"):
        conditioned("matching", encoder=supervised)
    with pytest.raises(PlantEduError, match="knows both sensors"):
        conditioned("one", encoder=supervised, x1=None)
