"""Defences that only look like one."""

import pytest
import torch

from plantedu.errors import PlantEduError
from plantedu.topics.attacks.defences import Noisy, Rounded, defended


def test_rounded_sees_few_levels(linear, views):
    x = views.float() / 255
    torch.testing.assert_close(Rounded(linear, 5)(x), linear((x * 5).round() / 5))


def test_noisy_answers_anew_and_from_its_generator(linear, views, draw):
    x = views.float() / 255
    model = Noisy(linear, 0.1, draw())
    first, second = model(x), model(x)
    assert not torch.equal(first, second)
    assert torch.equal(first, Noisy(linear, 0.1, draw())(x))


def test_words(linear, draw):
    assert defended(linear, "none", draw()) is linear
    with pytest.raises(PlantEduError, match="rounded, noisy"):
        defended(linear, "prayer", draw())
    with pytest.raises(PlantEduError, match="levels"):
        Rounded(linear, 0)
    with pytest.raises(PlantEduError, match="sd"):
        Noisy(linear, -1.0, draw())
