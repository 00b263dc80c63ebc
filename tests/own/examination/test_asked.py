"""What sections are asked with."""

import numpy as np
import pytest

from plantedu.errors import PlantEduError
from plantedu.own.examination.asked import at_side
from plantedu.own.images import images


def test_a_head_that_does_not_fit_the_labels_is_not_asked(asked):
    assert asked.head.name == "a linear reader of h"  # the network's own head was never trained
    assert asked.h.shape == (40, 16)


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
