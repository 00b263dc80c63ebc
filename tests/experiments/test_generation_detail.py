"""How sharp pictures are: a blurred one has less of the finest, X1 alone counts, at full size."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from experiments.generation_detail import PAGE, WITH, WITHOUT, finest, middle, over


@pytest.fixture
def edges():
    """Discs on a ground, "n 6 side side"."""
    y, x = torch.meshgrid(torch.arange(64.0), torch.arange(64.0), indexing="ij")
    discs = [((y - 30) ** 2 + (x - 25) ** 2 < r**2).float() for r in (6, 10, 14)]
    return torch.stack(discs)[:, None].expand(-1, 6, -1, -1).contiguous()


def test_a_blurred_picture_has_less_of_the_finest(edges):
    blurred = F.avg_pool2d(edges, 5, stride=1, padding=2)
    assert (finest(blurred) < 0.2 * finest(edges)).all()


def test_contrast_scales_its_power(edges):
    assert finest(0.5 * edges + 0.2) == pytest.approx(0.25 * finest(edges), rel=1e-3)


def test_only_x1_counts_and_the_middle_is_full_size(edges):
    other = edges.clone()
    other[:, 3:] = torch.rand(other[:, 3:].shape, generator=torch.Generator().manual_seed(0))
    assert np.array_equal(finest(other), finest(edges))
    large = torch.zeros(1, 6, 128, 128)
    large[..., 32:96, 32:96] = 1
    assert middle(large).shape == (1, 3, 40, 40)
    assert float(middle(large).min()) == 1


def test_means_over_denoisers_stand_beside_what_was_without():
    def one(value):
        by = {WITHOUT: 1.0, WITH: value, PAGE: 3.0}
        kid = {how: {"value": x, "null": 0.5} for how, x in by.items()}
        order = {"r2": {WITH: value, PAGE: 0.5}, "pinned": {WITH: 0.9, PAGE: 0.8}}
        return {"kid": kid, "finest": by, "mrr": by, "r2": by, "order": order}

    found = over({"a": one(2.0), "b": one(4.0)})
    assert found["n"] == 2
    assert found["mrr"][WITH] == 3.0
    assert found["mrr"]["with, apart"] == 2.0
    low, high = found["mrr"]["with, interval"]
    assert low < 2 < high
    assert found["mrr"]["page, apart"] == 2.0
    assert found["kid"]["real"] == 0.5
    assert found["order of r2"] == {WITH: 2.0, PAGE: 0.5}, "the least of them"
