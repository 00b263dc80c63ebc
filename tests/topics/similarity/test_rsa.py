"""RSA: a slow twin over pairs, monotone changes, and rsatoolbox."""

import numpy as np
import pytest
import scipy.stats
import torch
from scipy.spatial.distance import pdist

from plantedu.errors import PlantEduError
from plantedu.topics.similarity.rsa import Rsa


def slow_rsa(x, y, between):
    def table(rows):
        if between == "euclidean":
            return [((a - b) ** 2).sum() for k, a in enumerate(rows) for b in rows[k + 1 :]]
        return [1 - np.corrcoef(a, b)[0, 1] for k, a in enumerate(rows) for b in rows[k + 1 :]]

    return scipy.stats.spearmanr(table(x), table(y)).statistic


@pytest.mark.parametrize("between", ["euclidean", "correlation"])
def test_equals_its_slow_twin(noise, between):
    x, y = noise(0, 15, 6), noise(0, 15, 6) @ noise(1, 6, 4) + noise(2, 15, 4)
    x += torch.arange(6)  # where 0 lies matters to a correlation, and is not taken off in silence
    wanted = slow_rsa(x.numpy(), y.numpy(), between)
    assert Rsa(between=between)(x, y).value == pytest.approx(wanted, abs=1e-9)


@pytest.mark.parametrize("far", [1e4, 1e7])
def test_a_far_plant_does_not_hide_the_others_ranks(noise, far):
    x = noise(0, 60, 8)
    y = x + 0.5 * noise(1, 60, 8)
    x[0] *= far
    wanted = slow_rsa(x.numpy(), y.numpy(), "euclidean")
    assert Rsa()(x, y).value == pytest.approx(wanted, abs=1e-9)  # at 1e7 it was .15 for .77


def test_pairs_that_are_as_far_apart_share_their_rank(noise):
    x = noise(0, 12, 3)[torch.tensor([0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5])]
    y = noise(1, 12, 4)
    wanted = scipy.stats.spearmanr(pdist(x.numpy()).round(12), pdist(y.numpy())).statistic
    assert Rsa()(x, y).value == pytest.approx(wanted, abs=1e-9)


@pytest.mark.parametrize("between", ["euclidean", "correlation"])
def test_equals_rsatoolbox(noise, between):
    """The same distances and the same Spearman correlation, by the toolbox of the field."""
    pytest.importorskip("rsatoolbox")
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from rsatoolbox.data import Dataset
        from rsatoolbox.rdm import calc_rdm, compare

        x, y = noise(0, 20, 6), noise(1, 20, 5)
        rdms = [calc_rdm(Dataset(one.numpy()), between) for one in (x + 1, y - 2)]
        spearman = float(np.squeeze(compare(*rdms, method="rho-a")))
    assert Rsa(between=between)(x + 1, y - 2).value == pytest.approx(spearman, abs=1e-9)


def test_whitened_cosine_of_rsatoolbox_is_linear_cka(noise):
    pytest.importorskip("rsatoolbox")
    import warnings

    from plantedu.statistics.cka import linear_cka

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from rsatoolbox.data import Dataset
        from rsatoolbox.rdm import calc_rdm, compare

        x, y = noise(0, 16, 30), noise(1, 16, 40)
        rdms = [calc_rdm(Dataset(one.numpy()), "euclidean") for one in (x, y)]
        value = float(np.squeeze(compare(*rdms, method="cosine_cov")))
    assert linear_cka(x, y) == pytest.approx(value, abs=1e-6)


def test_ranks_are_all_it_sees(noise):
    line = torch.arange(12.0).double()[:, None]
    assert Rsa()(line, line.exp()).value < 1
    assert Rsa()(line, 5 * line).value == pytest.approx(1)


def test_plants_that_are_all_equally_far_apart_are_said():
    with pytest.raises(PlantEduError, match="equally far apart"):
        Rsa()(torch.eye(6), torch.eye(6))
    flat = torch.randn(6, 3, generator=torch.Generator().manual_seed(0))
    flat[2:4] = 1.5
    with pytest.raises(PlantEduError, match="2 plants have the same number in every column"):
        Rsa(between="correlation")(flat, flat)
    with pytest.raises(PlantEduError, match="between is one of"):
        Rsa(between="cosine")
