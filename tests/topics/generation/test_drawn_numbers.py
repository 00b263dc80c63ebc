"""Numbers of drawn pictures: the formulas, which places have a rank, and what chance gives."""

import numpy as np
import pytest
import torch

from plantedu.statistics.retrieval import chance_mrr
from plantedu.topics.generation.drawn_numbers import DrawnNumbers, spread
from tests.topics.generation.test_generate import drawn


def test_spread_is_the_loop_of_its_formula():
    pictures = torch.rand((1, 4, 3, 2, 2), generator=torch.Generator().manual_seed(0)).double()
    by_pixel = [np.std(pictures[0, :, c, i, j].numpy(), ddof=1)
                for c in range(3) for i in range(2) for j in range(2)]  # fmt: skip
    assert spread(pictures) == pytest.approx(np.mean(by_pixel) * 255)


def test_chance_is_of_the_gallery_that_the_source_was_looked_for_among():
    counted = drawn().counted
    assert counted.as_json()["chance"] == chance_mrr(counted.among)
    stranger = np.random.default_rng(0).integers(0, 256, (3, 16, 16), dtype=np.uint8)
    assert drawn(x1=stranger).counted.among == counted.among + 1
    assert drawn(kind="nothing").counted.as_json()["chance"] is None
    assert DrawnNumbers().as_json() == {"numbers": {}, "among": 0, "chance": None}


def test_each_of_three_pairs_has_a_rank_beside_one_null():
    """The page showed their spread alone, where its bet is about ranks."""
    found, matching, other = (drawn(kind=k).counted for k in ("pairs", "matching", "other_class"))
    ranks = {n: one for n, one in found.numbers.items() if n.startswith("MRR")}
    kinds = ("matching", "same disease", "other disease")
    assert list(ranks) == [f"MRR by cross-1, {kind}" for kind in kinds]
    assert len({one.null for one in ranks.values()}) == 1
    for kind, alone in (("matching", matching), ("other disease", other)):
        value = ranks[f"MRR by cross-1, {kind}"].value
        assert value == pytest.approx(alone.numbers["MRR by cross-1"].value, rel=1e-3)


@pytest.mark.parametrize("kind", ["walk", "interpolation", "mean", "noise"])
def test_what_has_no_one_plant_as_its_source_has_no_rank(kind):
    assert set(drawn(kind=kind).counted.numbers) == {"spread, 1/255"}
