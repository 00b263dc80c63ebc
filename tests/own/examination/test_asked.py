"""What sections are asked with."""

from dataclasses import replace

import numpy as np
import pytest

from plantedu.errors import PlantEduError
from plantedu.own.examination.asked import Asked, at_side
from plantedu.own.images import images


def test_a_head_that_does_not_fit_the_labels_is_not_asked(asked):
    assert asked.head.name == "a linear reader of h"  # the network's own head was never trained
    assert asked.h.shape == (40, 16)


def test_a_head_whose_outputs_stand_in_another_order_is_told(trained, own_images):
    right = Asked(trained, own_images)
    assert (right.head.name, right.head_left) == ("the network's own head", "")
    turned = replace(own_images, labels=1 - own_images.labels, classes=own_images.classes[::-1])
    other = Asked(trained, turned)
    assert other.head.name == "a linear reader of h"
    assert "in the order spot, plain" in other.head_left
    assert "give the classes in the order of its outputs" in other.head_left


def test_a_part_is_drawn_once(asked):
    assert (asked.some(10, 20) == asked.some(10, 20)).all()
    assert len(asked.some(500, 500)) == 40


def test_pictures_come_to_the_models_side():
    x = np.full((2, 3, 64, 64), 90, np.uint8)
    found = at_side(images(x, size=64), 32)
    assert found.pictures.shape == (2, 3, 32, 32)
    assert (found.pictures == 90).all()
    with pytest.raises(PlantEduError, match="one camera"):
        at_side(images(np.stack([x, x]), size=64), 64)
