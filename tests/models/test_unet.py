"""What a denoiser takes from diffusers: shapes, the schedule's formula, a sentence without it."""

import math
import sys

import pytest
import torch

from plantedu.errors import PlantEduError
from plantedu.models.unet import cosine_shares, time_embedding, unet


def test_a_picture_goes_in_and_one_of_its_size_comes_out():
    made = unet(16, 6, 3, (16, 32))
    given = torch.zeros(2, 6, 16, 16), torch.zeros(2), torch.zeros(2, 64)
    out = made(given[0], given[1], class_labels=given[2], return_dict=False)[0]
    assert out.shape == (2, 3, 16, 16)


def test_the_shares_are_the_cosine_schedule_of_nichol_and_dhariwal():
    def formula(t: float) -> float:
        return math.cos((t + 0.008) / 1.008 * math.pi / 2) ** 2

    shares = cosine_shares()
    assert len(shares) == 1000
    for k in (0, 99, 499, 899):
        assert shares[k].item() == pytest.approx(formula((k + 1) / 1000) / formula(0), abs=1e-4)


@pytest.mark.parametrize("make", [lambda: unet(16, 3, 3, (16,)), cosine_shares])
def test_without_diffusers_there_is_a_sentence(make, monkeypatch):
    for name in [one for one in sys.modules if one.split(".")[0] == "diffusers"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "diffusers", None)
    with pytest.raises(PlantEduError, match=r'needs diffusers: pip install "plantedu\[generation'):
        make()


def test_times_are_told_apart():
    sines, layers = time_embedding(16, 8)
    t = torch.tensor([0.0, 1.0, 1000.0])
    found = sines(t)
    assert found.shape == (3, 16)
    assert torch.allclose(found[0], torch.tensor([1.0] * 8 + [0.0] * 8)), "cosines, then sines"
    assert layers(found).shape == (3, 8)
