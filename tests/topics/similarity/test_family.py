"""One contract for every measure: itself, what it may not see, noise, order, bad input."""

import pytest
import torch

from plantedu.errors import PlantEduError
from plantedu.topics.similarity.family import MEASURES, measure
from plantedu.topics.similarity.measure import Similarity
from plantedu.topics.similarity.results.measure_names import LABELS

ALL = pytest.mark.parametrize("how", MEASURES, ids=lambda how: how.name)


def rotation(noise, d):
    return torch.linalg.qr(noise(99, d, d))[0]


def permutation(n):
    return torch.randperm(n, generator=torch.Generator().manual_seed(2))


@ALL
def test_a_thing_is_most_like_itself(how, noise):
    x = noise(0, 40, 6)
    found = how(x, x)
    assert found.value == pytest.approx(how.best, abs=2e-2 if how.name == "ridge" else 1e-6)
    assert (found.n, found.dims) == (40, (6, 6))


@ALL
def test_rotation_scale_and_shift_are_not_seen(how, noise):
    x = noise(0, 40, 6)
    y = x @ noise(1, 6, 5) + 0.5 * noise(2, 40, 5)
    turned = -3 * y @ rotation(noise, 5)
    shift = 0.0 if how.name == "knn" else 7.0  # columns are centred first, so this is unseen too
    assert how(x, turned + shift).value == pytest.approx(how(x, y).value, abs=1e-6)


@ALL
@pytest.mark.parametrize("scale", [1e-150, 1e-20, 1e20, 1e150])
def test_no_scale_is_too_large_or_too_small(how, noise, scale):
    x = noise(0, 40, 6)
    y = x @ noise(1, 6, 5) + 0.5 * noise(2, 40, 5)
    assert how(scale * x, y).value == pytest.approx(how(x, y).value, abs=1e-9)
    if 1e-30 < scale < 1e30:
        single = how((scale * x).float(), y.float()).value
        assert single == pytest.approx(how(x, y).value, abs=1e-5)


@ALL
def test_swapping_sides_matters_only_where_it_says_so(how, noise):
    x, y = noise(0, 40, 3), noise(0, 40, 3) @ noise(1, 3, 7) + noise(2, 40, 7)
    same = how(x, y).value == pytest.approx(how(y, x).value, abs=1e-9)
    assert same == how.symmetric


@ALL
def test_related_is_more_alike_than_shuffled(how, noise):
    x = noise(0, 60, 8)
    y, order = (
        x + 0.5 * noise(1, 60, 8),
        permutation(60),
    )
    gain = how(x, y).value - how(x, y[order]).value
    assert (-gain if how.distance else gain) > 0.05


@ALL
def test_all_cells_at_once_are_the_cells(how, noise):
    sides = [how.prepare(noise(k, 30, 4 + k)) for k in range(4)]
    one_by_one = [[how.compare(a, b) for b in sides[2:]] for a in sides[:2]]
    for quick in (False, True):
        found = how.compare_all(sides[:2], sides[2:], quick=quick)
        assert found.tolist() == [pytest.approx(row, abs=1e-5) for row in one_by_one]


@ALL
def test_shuffling_prepared_rows_is_shuffling_plants(how, noise):
    x, y, order = (
        noise(0, 30, 4),
        noise(1, 30, 5),
        permutation(30),
    )
    turned = how.prepare(y).reordered(order, pairwise=how.pairwise)
    assert how.compare(how.prepare(x), turned) == pytest.approx(how(x, y[order]).value, abs=1e-9)


@ALL
@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda x: x[:3], "4 plants or more.*got 3"),
        (lambda x: torch.ones_like(x), "the same for every plant"),
        (lambda x: x.index_fill(0, torch.tensor([2]), torch.nan), "not finite, the first in row 2"),
        (lambda x: x[:, 0], "must be a table"),
    ],
)
def test_what_cannot_be_compared_is_said(how, noise, spoil, said):
    x = spoil(noise(0, 30, 4))
    with pytest.raises(PlantEduError, match=said):
        how(x, x)


@ALL
def test_different_lengths_are_said(how, noise):
    with pytest.raises(PlantEduError, match="got 30 and 29 rows"):
        how(noise(0, 30, 4), noise(1, 29, 4))


@ALL
def test_single_precision_comes_out_the_same(how, noise):
    x, y = noise(0, 40, 5), noise(1, 40, 6)
    assert how(x.float(), y.float()).value == pytest.approx(how(x, y).value, abs=1e-4)


@pytest.mark.gpu
@ALL
def test_the_device_follows_the_tensors(how, noise):
    if not torch.cuda.is_available():
        pytest.skip("no CUDA device")
    x, y = noise(0, 40, 5), noise(1, 40, 6)
    assert how(x.cuda(), y.cuda()).value == pytest.approx(how(x, y).value, abs=1e-8)


def test_names_are_those_of_the_members_in_their_order():
    assert list(LABELS.items()) == [(how.name, how.label) for how in MEASURES]
    assert measure("nbs").label == LABELS["nbs"]
    with pytest.raises(PlantEduError, match=r"called 'cosine'. There are: cka"):
        measure("cosine")


def test_a_value_says_what_it_rests_on(golden):
    assert measure("cka")(*golden) == Similarity("cka", pytest.approx(0.8515490135), 6, (3, 2))
