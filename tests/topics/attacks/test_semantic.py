"""do() on a factor: finds a model that looks at the mark, leaves the label's own factor alone."""

import numpy as np
import pytest
import torch
from torch import nn

from plantedu.data.renderer.pairs import render
from plantedu.data.renderer.worlds import World
from plantedu.errors import PlantEduError
from plantedu.topics.attacks.criteria import Margin
from plantedu.topics.attacks.semantic import Semantic
from plantedu.topics.attacks.threat_model import Budget

DARK = (("soil", 0.0), ("light", 1.0), ("mark", "absent"))
FIELD, PLANTS = World("dark", fixed=DARK), (3, 4, 5)


class Corner(nn.Module):
    """Says class 1 where the corner of one sensor's picture is bright."""

    def __init__(self, sensor):
        super().__init__()
        self.sensor = sensor

    def forward(self, views):
        bright = views[self.sensor, :, :, -4:-2, -4:-2].mean((1, 2, 3))
        return torch.stack([0.8 - bright, bright - 0.8], 1)


@pytest.fixture(scope="module")
def pictures():
    pairs = render(FIELD, list(PLANTS), size=32)
    return torch.from_numpy(np.stack([pairs.x1, pairs.x2]))


def attacked(pictures, sensor, where, draw, **knobs):
    attack = Semantic(world=FIELD, plants=PLANTS, factors=("mark",), **knobs)
    labels = torch.zeros(3, dtype=torch.long)
    return attack(
        Corner(sensor).eval(), pictures, Margin(labels), Budget.on(where, 1.0), generator=draw()
    )


def test_it_finds_the_factor_that_a_model_looks_at(pictures, draw):
    found = attacked(pictures, 1, "both", draw)
    assert found.reached.all()
    wanted = render(FIELD, list(PLANTS), size=32, do={"mark": "present"})
    assert (found.x2 == wanted.x2).all()


def test_a_sensor_that_is_left_alone_keeps_its_picture(pictures, draw):
    found = attacked(pictures, 1, "rgb", draw)
    assert not found.reached.any()
    assert (found.x2 == pictures[1].numpy()).all()


def test_rows_keep_their_plants():
    attack = Semantic(world=FIELD, plants=PLANTS).of_rows(torch.tensor([2, 0]))
    assert attack.plants == (5, 3)


def test_the_label_itself_and_unknown_plants_are_refused(pictures, draw):
    with pytest.raises(PlantEduError, match="change the label itself"):
        Semantic(factors=("light", "disease"))
    with pytest.raises(PlantEduError, match="all 3 plants"):
        Semantic(world=FIELD, plants=(1,))(
            Corner(0).eval(), pictures, Margin(torch.zeros(3, dtype=torch.long)),
            Budget.on("both", 1.0), generator=draw(),
        )  # fmt: skip
    with pytest.raises(PlantEduError, match="values"):
        Semantic(values=1)


def test_its_null_is_one_scene_for_each_plant(pictures, draw):
    labels = torch.zeros(3, dtype=torch.long)
    null = Semantic(world=FIELD, plants=PLANTS, factors=("mark",), thorough=True).null()
    found = [
        null(Corner(1).eval(), pictures, Margin(labels), Budget.on("both", 1.0), generator=draw(k))
        for k in range(12)
    ]
    share = np.mean([one.reached.mean() for one in found])
    assert 0 < share < 1  # the search finds the mark in all of them
    assert all(one.forwards == 2 * len(PLANTS) for one in found)
