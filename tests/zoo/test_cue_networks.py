"""Networks that follow one of two cues: worlds, labels, training, and what ships."""

import numpy as np
import pytest
import torch

from plantedu.errors import PlantEduError
from plantedu.zoo import cue_networks
from plantedu.zoo.cue_networks import (
    CueRecipe,
    cue_labels,
    cue_network_from,
    cue_pairs,
    train_cue_network,
)


def test_the_two_cues_say_nothing_of_each_other():
    plants = np.arange(4000)
    lesions, mark = (cue_labels(cue, plants).double() for cue in cue_networks.CUES)
    assert abs(float(torch.corrcoef(torch.stack([lesions, mark]))[0, 1])) < 0.05


def test_only_rgn_has_a_mark():
    plants = np.arange(3)
    on, off = (cue_pairs(plants, mark=level) for level in ("present", "absent"))
    assert np.array_equal(on.x1, off.x1)
    assert (on.x2 != off.x2).any((1, 2, 3)).all()
    assert np.array_equal(on.lesions2, off.lesions2)


def test_training_is_repeatable_and_comes_back_from_its_file():
    recipe = CueRecipe(cue="mark", plants=8, batch=4, steps=2)
    one, again = (train_cue_network(recipe) for _ in range(2))
    tensors, meta = one.snapshot()
    assert all(torch.equal(t, again.snapshot()[0][n]) for n, t in tensors.items())
    kept = {n: t for n, t in tensors.items() if n.startswith("objective/")}
    model = cue_network_from(kept, meta)
    x = torch.rand(2, 3, 3, 40, 40)
    assert torch.equal(model(x), one.objective.eval()(x))
    with pytest.raises(PlantEduError, match="another architecture"):
        cue_network_from({"objective/x": torch.zeros(1)}, meta)
    with pytest.raises(PlantEduError, match="no network that was trained"):
        cue_network_from(kept, {})


@pytest.mark.parametrize("cue", cue_networks.CUES)
def test_what_ships_follows_its_cue_and_leaves_the_other_alone(cue):
    model, plants = cue_networks.shipped_cue_network(cue, 0), np.arange(5000, 5012)
    away = {"lesions": {"disease": "healthy"}, "mark": {"mark": "absent"}}
    views = {}
    for name, do in {"as it was": {}, **away}.items():
        pairs = cue_pairs(plants, **do)
        views[name] = torch.stack(
            [cue_networks.shrunk(x, cue_networks.SIDE) for x in (pairs.x1, pairs.x2)]
        )
    with torch.no_grad():
        names = {name: model(x).argmax(1) for name, x in views.items()}
    assert (names["as it was"] == cue_labels(cue, plants)).double().mean() >= 0.9
    other = next(one for one in cue_networks.CUES if one != cue)
    assert torch.equal(names[other], names["as it was"])
    assert not names[cue].any()


def test_mistakes_are_sentences():
    with pytest.raises(PlantEduError, match="lesions, mark; got 'soil'"):
        CueRecipe(cue="soil")
    with pytest.raises(PlantEduError, match="a batch or more"):
        CueRecipe(plants=4)
    with pytest.raises(PlantEduError, match="No checkpoint"):
        cue_networks.shipped_cue_network("lesions", 9)
