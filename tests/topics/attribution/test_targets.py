"""What is explained: a lead, a nearness, a similarity."""

import pytest
import torch
from torch import nn

from plantedu.errors import PlantEduError
from plantedu.topics.attribution.targets import (
    ClassLead,
    PairSimilarity,
    PrototypeScore,
    encoder_of,
)


class Says(nn.Module):
    def __init__(self, logits):
        super().__init__()
        self.logits = torch.tensor(logits)

    def forward(self, views):
        return self.logits.expand(views.shape[1], -1)


class Puts(nn.Module):
    """The two pictures' embeddings are their first two values."""

    prototypes = torch.eye(2)

    def forward(self, views):
        return views[:, :, 0, 0, :2].transpose(0, 1)


def test_a_lead_is_over_the_mean_of_the_others_and_forgets_what_all_share(pair):
    one, shifted = (
        ClassLead(Says(x), ("a", "b", "c")) for x in ([1.0, 2.0, 6.0], [8.0, 9.0, 13.0])
    )
    assert one(*pair.both)[0].tolist() == [-3.0, -1.5, 4.5]
    assert torch.equal(one(*pair.both), shifted(*pair.both))


def test_prototypes_and_similarity(pair):
    z1, z2 = (x[:, 0, 0, :2] for x in pair.both)
    assert torch.allclose(PrototypeScore(Puts())(*pair.both), (z1 + z2) / 2)
    assert torch.allclose(PairSimilarity(Puts())(*pair.both)[:, 0], (z1 * z2).sum(1))


def test_outputs_that_are_not_there(pair):
    with pytest.raises(PlantEduError, match="no output 3; it has 0 a, 1 b"):
        ClassLead(Says([0.0, 1.0]), ("a", "b")).target(3)
    with pytest.raises(PlantEduError, match="no output -1; it has 0 to 1"):
        PrototypeScore(Puts()).target(-1)
    with pytest.raises(PlantEduError, match="2 classes or more"):
        ClassLead(Says([0.0]), ("a",))


def test_a_network_without_an_encoder(linear, convolved):
    assert encoder_of(convolved) is convolved.encoder.body
    with pytest.raises(PlantEduError, match="no encoder of the course"):
        encoder_of(linear)
