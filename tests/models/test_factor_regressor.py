"""The reader: whose picture tells what, the loss as a plain loop, scales, refusals."""

import math

import pytest
import torch

from plantedu.data.renderer.factors import COLUMNS, FACTORS
from plantedu.errors import PlantEduError
from plantedu.models.factor_regressor import (
    SHOWN,
    VIEWS,
    FactorReader,
    Labelled,
    column_loss,
    scale_of,
    standardised,
)


@pytest.fixture(scope="module")
def reader():
    return FactorReader(side=16, width=4, dim=8, seed=1).eval()


def pictures(n=5, side=16, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return [torch.rand(n, 3, side, side, generator=generator) for _ in range(2)]


def labels(n=5):
    low = {c: torch.full((n,), f.low, dtype=torch.float64) for c, f in COLUMNS.items()}
    return low | {"disease": torch.tensor([0, 1, 2, 1, 0])[:n], "mark": torch.ones(n).long()}


def test_every_column_is_read_once_and_from_whoever_sees_it():
    read = [c for columns in VIEWS.values() for c in columns]
    assert sorted(read) == sorted(COLUMNS)
    assert "light_rgb" in VIEWS["rgb"]
    assert "mesophyll" in VIEWS["rgn"]
    assert {"disease", "angle", "mark"} <= set(VIEWS["both"])


def test_a_picture_of_the_other_sensor_changes_nothing_that_one_sensor_tells(reader):
    x1, x2 = pictures()
    before, after = reader.read(x1, x2), reader.read(x1, 1 - x2)
    for column in VIEWS["rgb"]:
        assert torch.equal(before[column], after[column])
    assert not torch.equal(before["disease"], after["disease"])
    assert before["disease"].sum(1).tolist() == pytest.approx([1.0] * 5)


def test_loss_of_a_column_equals_a_plain_loop_over_plants_that_show_it():
    factors = labels()
    assert "severity" in SHOWN
    reading = torch.tensor([[0.1], [0.2], [0.3], [0.4], [0.5]])
    y = [(0 - 0.5) * math.sqrt(12)] * 5  # severity 0 in units of its spread
    rows = zip([0.1, 0.2, 0.3, 0.4, 0.5], y, [0, 1, 2, 1, 0], strict=True)
    shown = [(r - t) ** 2 for r, t, disease in rows if disease]
    assert float(column_loss("severity", reading, factors)) == pytest.approx(sum(shown) / 3)
    scores = torch.tensor([[1.0, 0.0, 2.0]] * 5)
    total = math.exp(1) + math.exp(0) + math.exp(2)
    each = [-math.log(math.exp((1.0, 0.0, 2.0)[d]) / total) for d in [0, 1, 2, 1, 0]]
    assert float(column_loss("disease", scores, factors)) == pytest.approx(sum(each) / 5)


def test_numbers_are_scaled_by_the_spread_of_a_uniform_draw():
    for factor in FACTORS:
        if factor.levels:
            continue
        steps = 10_001 if not factor.whole else int(factor.high - factor.low) + 1
        drawn = torch.linspace(factor.low, factor.high, steps, dtype=torch.float64)
        middle, spread = scale_of(factor)
        assert middle == pytest.approx(float(drawn.mean()))
        assert spread == pytest.approx(float(drawn.std(correction=0)), rel=1e-3)
    assert float(standardised("angle", torch.tensor([0.0]))) == 0


def test_it_learns_and_the_same_seed_gives_the_same_weights(reader):
    again = FactorReader(side=16, width=4, dim=8, seed=1).eval()
    other = FactorReader(side=16, width=4, dim=8, seed=2).eval()
    x1, x2 = pictures()
    assert torch.equal(reader(x1, x2)["angle"], again(x1, x2)["angle"])
    assert not torch.equal(reader(x1, x2)["angle"], other(x1, x2)["angle"])
    batch = Labelled(x1, x2, labels())
    optimizer = torch.optim.AdamW(other.parameters(), lr=3e-3)
    first = other.train().loss(batch)
    for _ in range(15):
        optimizer.zero_grad()
        other.loss(batch).total.backward()
        optimizer.step()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in other.parameters())
    assert float(other.loss(batch).total.detach()) < 0.5 * float(first.total.detach())
    assert set(first.parts) == {f"loss/{c}" for c in COLUMNS}


def test_pictures_of_another_side_are_refused(reader):
    with pytest.raises(PlantEduError, match="16 pixels a side; got 24"):
        reader(*pictures(side=24))
    with pytest.raises(PlantEduError, match="multiple of 8; got 20"):
        FactorReader(side=20)


def test_larger_pictures_are_read_as_their_means():
    reader = FactorReader(side=16, width=4, dim=8).eval()
    draw = torch.Generator().manual_seed(0)
    x1, x2 = (torch.rand(2, 3, 32, 32, generator=draw) for _ in range(2))
    found = reader.read(x1, x2)
    means = reader.read(*(torch.nn.functional.avg_pool2d(x, 2) for x in (x1, x2)))
    for name, one in found.items():
        torch.testing.assert_close(one, means[name], atol=1e-5, rtol=1e-4)
    with pytest.raises(PlantEduError, match="got 8"):
        reader.read(x1[..., :8, :8], x2[..., :8, :8])
