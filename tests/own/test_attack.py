"""Attacks on one's own model: in the ball, beside noise, and sentences."""

import numpy as np
import pytest
import torch

from plantedu.errors import PlantEduError
from plantedu.own.attack import attack


def test_an_attack_is_measured_beside_noise_inside_its_ball(trained, own_images):
    found = attack(trained, own_images, "pgd", radius=24 / 255, steps=10)
    one = found["pgd"]
    assert one.value > one.null
    assert found.attacked.size_255[0].max() <= 24
    assert found.attacked.size_255[1].max() == 0
    clean = torch.tensor(found.attacked.clean[0])
    before = trained.logits(clean).argmax(1)
    changed = trained.logits(found.pictures).argmax(1) != before
    assert float(changed.float().mean()) == pytest.approx(one.value)
    assert "pictures were answered correctly" in found.notes[0]


def test_without_labels_every_answer_is_attacked(trained, own_images):
    found = attack(trained, own_images.pictures[:6], "fgsm")
    assert found["fgsm"].n == 6
    assert "no labels fit" in found.notes[0]


@pytest.mark.parametrize(
    ("name", "words", "said"),
    [
        ("semantic", {}, "changes a rendered plant"),
        ("magic", {}, "No attack is called"),
        ("pgd", {"radius": 4}, "0 to 1; got 4"),
    ],
)
def test_what_cannot_be_attacked_is_a_sentence(trained, own_images, name, words, said):
    with pytest.raises(PlantEduError, match=said):
        attack(trained, own_images, name, **words)


def test_a_model_that_is_always_wrong_leaves_nothing_to_attack(trained, own_images):
    from dataclasses import replace

    wrong = replace(own_images, labels=1 - trained.logits(own_images).argmax(1).numpy())
    with pytest.raises(PlantEduError, match="answers no picture correctly"):
        attack(trained, wrong, "fgsm")
    assert np.isfinite(wrong.labels).all()


def test_without_a_null_the_same_attack_alone(trained, own_images):
    bare = attack(trained, own_images, "pgd", radius=8 / 255, steps=4, null=False)
    whole = attack(trained, own_images, "pgd", radius=8 / 255, steps=4)
    assert (bare.pictures == whole.pictures).all()
    assert bare.bare == {"pgd": whole.lines[0][1].value}
    assert bare.lines == ()
    assert "No null was computed" in repr(bare)
