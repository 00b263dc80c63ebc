"""Rows that are not the same plants are refused by name."""

import pytest
import torch

from plantedu.errors import PlantEduError
from plantedu.topics.similarity.alignment import LinearCka
from plantedu.topics.similarity.measure import centred, check_paired

CKA = LinearCka()


def ids(*numbers):
    return [f"field-0-{k:06d}" for k in numbers]


@pytest.mark.parametrize(
    ("ours", "theirs", "said"),
    [
        (ids(0, 1, 2, 3), ids(0, 1, 3, 2), "row 2 is 'field-0-000002' in the first and"),
        (ids(0, 1, 2, 3), ids(4, 1, 2, 3), "row 0 is 'field-0-000000'"),
        (ids(0, 1, 1, 3), ids(0, 1, 1, 3), "'field-0-000001' is in rows 1 and 2 of the first"),
        (ids(0, 1, 2), ids(0, 1, 2, 3), "4 rows and 3 plants' names"),
    ],
)
def test_other_plants_are_named(ours, theirs, said):
    x = torch.eye(4)
    with pytest.raises(PlantEduError, match=said):
        CKA(x, x, plants=(ours, theirs))


def test_a_plant_more_is_named():
    x = torch.eye(5)
    with pytest.raises(PlantEduError, match="second set has a plant more, 'field-0-000004'"):
        check_paired(x[:4], x, (ids(0, 1, 2, 3), ids(0, 1, 2, 3, 4)))


def test_the_same_plants_pass():
    x = torch.eye(4) + torch.arange(16.0).view(4, 4).sin()
    assert CKA(x, x, plants=(ids(0, 1, 2, 3),) * 2).value == pytest.approx(1)


def test_columns_are_centred_in_double_precision():
    found = centred(torch.tensor([[1e6], [1e6 + 1], [1e6 + 2], [1e6 + 5]]))
    assert found.dtype == torch.float64
    assert found[:, 0].tolist() == [-2, -1, 0, 3]


def test_what_is_no_table_is_said():
    with pytest.raises(PlantEduError, match=r"table .*got \(4, 3, 8, 8\). Pool"):
        centred(torch.zeros(4, 3, 8, 8), "first")
