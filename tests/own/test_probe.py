"""Labels that are there are found, labels that are not are not; twins, pixels, sentences."""

import numpy as np
import pytest

from plantedu.errors import PlantEduError
from plantedu.own.probe import probe


def test_what_is_there_is_found_beside_its_nulls(trained, own_images):
    found = probe(trained, own_images, shuffles=5)
    assert found["Small"].value > 0.9
    assert 0.3 < found["Small"].null < 0.7
    assert found["Small"].n == 40
    assert found["pixels"].value > 0.9  # a bright spot: nobody had to learn it
    assert found["Small less random Small"].n == 40
    assert any("No more is found" in note for note in found.notes)


def test_labels_that_are_not_there_are_not_found(trained, own_images):
    labels = np.random.default_rng(1).integers(0, 2, 40)
    found = probe(trained, own_images, labels=labels, shuffles=5)
    low, high = found["Small"].interval
    assert low < 0.5 < high + 0.1


def test_the_same_seed_reads_the_same(trained, own_images):
    one, two = (probe(trained, own_images, shuffles=3, seed=4).to_frame() for _ in range(2))
    assert one.equals(two)


def test_what_cannot_be_probed_is_a_sentence(trained, own_images):
    with pytest.raises(PlantEduError, match="16 pictures or more"):
        probe(trained, own_images[:4])
    with pytest.raises(PlantEduError, match="all are of one, 'plain'"):
        probe(trained, own_images[::2])
    with pytest.raises(PlantEduError, match="are the same one"):
        probe(trained, own_images[[0] * 20], labels=[0, 1] * 10)
    with pytest.raises(PlantEduError, match="needs labels"):
        probe(trained, own_images.pictures)
