"""Shape annotations: they tell right arrays from wrong ones, and tests do check them."""

import numpy as np
import pytest
import torch
from jaxtyping import TypeCheckError

from plantedu.data.challenge.decode import square
from plantedu.shapes import Bytes, Features, Images, Masks, Scalar


@pytest.mark.parametrize(
    ("array", "shape", "fits"),
    [
        (np.zeros((2, 3, 8, 8), np.uint8), Bytes, True),
        (np.zeros((2, 4, 8, 8), np.uint8), Bytes, False),
        (np.zeros((2, 3, 8, 8), np.float32), Bytes, False),
        (np.zeros((2, 8, 8), bool), Masks, True),
        (np.zeros((2, 3, 8, 8), bool), Masks, False),
        (torch.zeros(2, 3, 8, 8), Images, True),
        (torch.zeros(2, 3, 8, 8, dtype=torch.uint8), Images, False),
        (torch.zeros(2, 16), Features, True),
        (torch.zeros(16), Features, False),
        (torch.zeros(()), Scalar, True),
        (torch.zeros(1), Scalar, False),
    ],
)
def test_shapes(array, shape, fits):
    assert isinstance(array, shape) is fits


def test_annotations_are_checked_while_tests_run():
    with pytest.raises(TypeCheckError):
        square(np.zeros((8, 8), np.uint8), 4)
