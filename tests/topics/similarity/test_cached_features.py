"""The same plants for every encoder: unseen, in one order, kept on disk."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from plantedu.errors import PlantEduError
from plantedu.models.encoders import make_encoder
from plantedu.topics.similarity import cached_features as module
from plantedu.topics.similarity.cached_features import CachedFeatures
from plantedu.topics.similarity.results.comparisons import Representation
from plantedu.zoo.encoders import LoadedEncoder


@pytest.fixture(scope="module")
def tiny():
    encoder = make_encoder("res2next_tiny", seed=0).eval()
    return LoadedEncoder(name="tiny", encoder=encoder, side=24, data="field", pairs=8)


@pytest.fixture
def shown(tmp_path):
    return CachedFeatures("field", 0, first=8, plants=6, folder=tmp_path)


def test_members_come_in_their_order_and_both_stands_side_by_side(shown, tiny):
    members = [Representation("a", "tiny", sensor=s) for s in ("rgn", "both", "rgb")]
    members.append(Representation("p", "tiny", "pixels"))
    rgn, both, rgb, pixels = shown.features(members, lambda words: tiny)
    assert torch.equal(both, torch.cat([rgb, rgn], 1))
    assert pixels.shape == (6, 192)
    assert shown.plants[0] == "field-0-000008"


def test_features_are_kept_and_a_damaged_file_is_worked_out_again(
    shown, tiny, tmp_path, monkeypatch
):
    member = [Representation("a", "tiny")]
    (first,) = shown.features(member, lambda words: tiny)
    (kept,) = list((tmp_path / "features").glob("*.npz"))
    monkeypatch.setattr(module, "layer_features", None)  # nothing is worked out now
    assert torch.equal(shown.features(member, lambda words: tiny)[0], first)
    monkeypatch.undo()
    kept.write_bytes(kept.read_bytes()[:40])
    assert torch.equal(shown.features(member, lambda words: tiny)[0], first)
    with np.load(kept) as file:
        assert file["h"].shape == (6, 512)


def test_plants_that_an_encoder_was_trained_on_are_refused(shown, tiny):
    seen = replace(tiny, pairs=9)
    with pytest.raises(PlantEduError, match=r"trained on plants 0 to 8 of 'field'.*first to 9"):
        shown.features([Representation("a", "tiny")], lambda words: seen)
    elsewhere = replace(seen, world_seed=1)
    assert len(shown.features([Representation("a", "tiny")], lambda words: elsewhere)) == 1


def test_too_few_plants_are_said(tmp_path):
    with pytest.raises(PlantEduError, match="4 plants or more; got 3"):
        CachedFeatures("field", 0, first=0, plants=3, folder=tmp_path)
