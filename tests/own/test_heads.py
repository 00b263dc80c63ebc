"""Whose scores are attacked and explained: the own head's, or a linear one's, and it is said."""

import pytest
import torch

from plantedu.errors import PlantEduError
from plantedu.own.heads import scores_of
from plantedu.own.images import Images
from plantedu.own.model import model


def test_an_own_head_answers_for_itself(trained, own_images):
    found = scores_of(trained, own_images)
    assert found.scores.says == "its own head"
    assert found.follows
    assert found.classes == ("plain", "spot")
    assert torch.allclose(found.logits, trained.logits(own_images))
    plain = Images(pictures=own_images.pictures, names=own_images.names)
    without = scores_of(trained, plain)
    assert not without.follows
    assert without.classes == ("output 0", "output 1")


def test_without_a_head_a_linear_one_is_fitted_and_reads_the_labels(trained, own_images):
    network = trained.network
    network = type(network)()
    network.load_state_dict(trained.network.state_dict())
    network.fc = torch.nn.Identity()
    encoder = model(network, size=32)
    found = scores_of(encoder, own_images)
    assert found.scores.says == "a linear head on frozen h"
    right = (found.logits.argmax(1).numpy() == own_images.labels).mean()
    assert right > 0.9
    x = torch.tensor(own_images.pictures[:3]).float() / 255
    assert torch.allclose(found.scores(x), found.logits[:3], atol=1e-4)
    plain = Images(pictures=own_images.pictures, names=own_images.names)
    with pytest.raises(PlantEduError, match="no head of its own"):
        scores_of(encoder, plain)
