"""Wrong versions of lesson 10's functions, by the name under which a check must know them."""

import numpy as np
import pytest
import torch

from plantedu.exercises import check
from plantedu.exercises.lesson_10 import selectivity, topk_autoencoder
from plantedu.topics.neurons.selectivity import of_classes
from plantedu.topics.neurons.sparse_autoencoder import Dictionary, Sparse


def _kept(codes, k, *, dim=1, largest=True):
    top = codes.topk(k, dim=dim, largest=largest)
    return torch.zeros_like(codes).scatter(dim, top.indices, top.values)


def _coded(keep, *, taken=True, added=True, relu=torch.relu, write=None):
    """The exercise with a part replaced."""

    def wrong(x, reader, shift, directions, middle, *, k):
        codes = keep(relu((x - middle * taken) @ reader + shift), k)
        rows = directions if write is None else write(reader)
        return codes, codes @ rows + middle * added

    return wrong


def _as_it_is(values):
    return values


def _of_the_batch(codes, k):
    return _kept(codes.flatten()[None], k * len(codes)).view_as(codes)


def _by_size(codes, k):
    return torch.zeros_like(codes).scatter(1, at := codes.abs().topk(k, dim=1).indices,
                                           codes.gather(1, at))  # fmt: skip


def _ones(codes, k):
    return (_kept(codes, k) > 0).to(codes)


def _all_that_tie(codes, k):
    return codes * (codes >= codes.topk(k, dim=1).values[:, -1:])


def without_gradient(x, reader, shift, directions, middle, *, k):
    with torch.no_grad():
        return topk_autoencoder(x, reader, shift, directions, middle, k=k)


def detached_codes(x, reader, shift, directions, middle, *, k):
    codes = _kept(torch.relu((x - middle) @ reader + shift), k).detach()
    return codes, codes @ directions + middle


def _ratio(largest, rest):
    both = largest + rest
    return (largest - rest) / np.where(both > 0, both, 1)


def _means(units, classes):
    return np.stack([units[classes == one].mean(0) for one in np.unique(classes)])


def _right(units, classes):
    means = np.sort(_means(units, classes), axis=0)
    return _ratio(means[-1], means[:-1].mean(0))


def _by_plants(units, classes):
    means, found = _means(units, classes), []
    for u, best in enumerate(means.argmax(0)):
        rest = units[classes != np.unique(classes)[best], u].mean()
        found.append(_ratio(means[best, u], rest))
    return np.array(found)


def _next_best(units, classes):
    means = np.sort(_means(units, classes), axis=0)
    return _ratio(means[-1], means[-2])


def _best_in_the_rest(units, classes):
    means = _means(units, classes)
    return _ratio(means.max(0), means.mean(0))


def _lowest_class(units, classes):
    means = _means(units, classes)
    return _ratio(means.max(0), means.min(0))


def _not_divided(units, classes):
    means = np.sort(_means(units, classes), axis=0)
    return means[-1] - means[:-1].mean(0)


def _nan(units, classes):
    means = np.sort(_means(units, classes), axis=0)
    rest = means[:-1].mean(0)
    with np.errstate(invalid="ignore"):
        return (means[-1] - rest) / (means[-1] + rest)


def _selective(of, level=lambda null: np.quantile(null, 0.99, axis=0), shuffle=None, once=False):
    """The exercise with another S, another level or another shuffle."""

    def wrong(units, classes, *, shuffles, generator):
        null = []
        for _ in range(1 if once else shuffles):
            mixed = units if shuffle is None else shuffle(generator, units)
            order = generator.permutation(classes) if shuffle is None else classes
            null.append(of(mixed, order))
        return of(units, classes), level(np.stack(null))

    return wrong


WRONG = {
    "10.5": {
        "middle not taken off": _coded(_kept, taken=False),
        "middle not added": _coded(_kept, added=False),
        "largest of the batch": _coded(_of_the_batch),
        "largest of the column": _coded(lambda codes, k: _kept(codes, min(k, len(codes)), dim=0)),
        "the smallest": _coded(lambda codes, k: _kept(codes, k, largest=False)),
        "no ReLU": _coded(_kept, relu=_as_it_is),
        "largest sizes": _coded(_by_size, relu=_as_it_is),
        "ones in place of codes": _coded(_ones),
        "nothing dropped": _coded(lambda codes, k: codes),
        "the reader turned round": _coded(_kept, write=lambda reader: reader.T),
        "all that tie": _coded(_all_that_tie),
        "no gradient": without_gradient,
    },
    "10.6": {
        "the rest by plants": _selective(_by_plants),
        "the next best": _selective(_next_best),
        "the best in the rest": _selective(_best_in_the_rest),
        "the lowest class": _selective(_lowest_class),
        "not divided": _selective(_not_divided),
        "silent units are NaN": _selective(_nan),
        "one level for all": _selective(
            _right, level=lambda null: np.full(null.shape[1], np.quantile(null, 0.99))
        ),
        "the mean of the shuffles": _selective(_right, level=lambda null: null.mean(0)),
        "drawn once": _selective(_right, once=True),
        "the largest of the shuffles": _selective(_right, level=lambda null: null.max(0)),
        "shuffled across units": _selective(
            _right, shuffle=lambda rng, units: rng.permuted(units, axis=1)
        ),
    },
}
ALSO = (
    ("10.5", "largest sizes", _coded(lambda codes, k: torch.relu(_by_size(codes, k)),
                                     relu=_as_it_is)),
    ("10.5", "no gradient", detached_codes),
)  # fmt: skip
EVERY = [(key, name, wrong) for key in WRONG for name, wrong in WRONG[key].items()]


@pytest.mark.parametrize(("key", "name", "wrong"), [*EVERY, *ALSO])
def test_a_mistake_is_called_by_its_own_name_and_no_other(key, name, wrong):
    report = check(key, wrong)
    assert report.mistakes == (name,), str(report)


def test_codes_are_the_package_s():
    g = torch.Generator().manual_seed(0)
    x = torch.randn(20, 6, generator=g)
    package = Dictionary(x, Sparse(width=11, k=4), g)
    with torch.no_grad():
        package.shift.normal_(generator=g)
        package.middle.normal_(generator=g)
        scaled = package.scaled(x)
        codes, rebuilt = topk_autoencoder(
            scaled, package.reader, package.shift, package.directions, package.middle, k=4
        )
        assert torch.allclose(codes, package.codes(x), atol=1e-5)
        assert torch.allclose(rebuilt, package.scaled(package.rebuilt(codes)), atol=1e-5)


def test_selectivity_is_the_package_s():
    rng = np.random.default_rng(0)
    units, classes = rng.exponential(size=(50, 7)), rng.integers(0, 3, 50)
    found, level = selectivity(units, classes, shuffles=30, generator=np.random.default_rng(1))
    again = np.random.default_rng(1)
    null = [of_classes(units, again.permutation(classes))[0] for _ in range(30)]
    assert found == pytest.approx(of_classes(units, classes)[0])
    assert level == pytest.approx(np.quantile(null, 0.99, axis=0))
