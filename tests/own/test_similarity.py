"""Two models on one's own pictures: the topic's numbers, beside twin, pixels and shuffles."""

import numpy as np
import pytest
import torch

from plantedu.errors import PlantEduError
from plantedu.own.model import model
from plantedu.own.similarity import pixel_features, similarity
from plantedu.topics.similarity.family import measure


def test_the_number_is_the_topics_own(small, trained, own_images):
    me = model(small, size=32)
    found = similarity(me, trained, own_images, shuffles=20, halves=20)
    one = found["Small ~ Small (second)"]
    wanted = measure("cka")(me.features(own_images), trained.features(own_images)).value
    assert one.value == pytest.approx(wanted, abs=1e-5)
    assert one.interval[0] <= one.value <= one.interval[1]
    assert (one.n, "shuffled" in one.control) == (40, True)
    assert [name for name, _ in found.lines] == [
        "Small ~ Small (second)",
        "random Small ~ Small (second)",
        "pixels ~ Small (second)",
    ]
    assert found.heat_map().alt


def test_a_model_is_like_itself_and_distances_run_the_other_way(trained, own_images):
    assert similarity(trained, trained, own_images, shuffles=20, halves=20).lines[0][1].value == (
        pytest.approx(1, abs=1e-6)
    )
    found = similarity(trained, trained, own_images, measure="angular", shuffles=20, halves=20)
    assert found.lines[0][1].value == pytest.approx(0, abs=1e-3)
    assert not any("at least as alike" in note for note in found.notes)


def test_pixels_are_means_of_fields(own_images):
    x = torch.tensor(own_images.pictures).double() / 255
    wanted = x.unflatten(3, (8, 4)).unflatten(2, (8, 4)).mean((3, 5)).flatten(1)
    assert torch.allclose(pixel_features(own_images).double(), wanted, atol=1e-6)


def test_what_cannot_be_compared_is_a_sentence(trained, own_images):
    with pytest.raises(PlantEduError, match="4 pictures or more; got 3"):
        similarity(trained, trained, own_images[:3])
    with pytest.raises(PlantEduError, match="same for every plant"):
        similarity(trained, trained, np.zeros((8, 3, 32, 32), np.uint8))
    with pytest.raises(PlantEduError, match="No similarity measure"):
        similarity(trained, trained, own_images, measure="likeness")


def test_without_a_null_the_same_number_alone(trained, own_images):
    bare = similarity(trained, model("random:0", size=32), own_images, null=False)
    whole = similarity(trained, model("random:0", size=32), own_images, shuffles=20, halves=20)
    (name, value), (same, line) = *bare.bare.items(), whole.lines[0]
    assert (name, bare.lines, bare.table) == (same, (), None)
    assert value == pytest.approx(line.value, abs=1e-6)
    with pytest.raises(PlantEduError, match="No null"):
        bare.heat_map()
