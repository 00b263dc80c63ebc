"""RSA: a slow twin over pairs, monotone changes, and rsatoolbox."""

import numpy as np
import pytest
import scipy.stats
import torch

from plantedu.errors import PlantEduError
from plantedu.similarity.dissimilarity import Rsa


def slow_rsa(x, y, between):
    def table(rows):
        if between == "euclidean":
            return [((a - b) ** 2).sum() for k, a in enumerate(rows) for b in rows[k + 1 :]]
        return [1 - np.corrcoef(a, b)[0, 1] for k, a in enumerate(rows) for b in rows[k + 1 :]]

    return scipy.stats.spearmanr(table(x), table(y)).statistic


@pytest.mark.parametrize("between", ["euclidean", "correlation"])
def test_equals_its_slow_twin(noise, between):
    x, y = noise(0, 15, 6), noise(0, 15, 6) @ noise(1, 6, 4) + noise(2, 15, 4)
    centred = [(one - one.mean(0)).numpy() for one in (x, y)]
    wanted = slow_rsa(*centred, between)
    assert Rsa(between=between)(x, y).value == pytest.approx(wanted, abs=1e-9)


def test_equals_rsatoolbox(noise):
    """The same distances and the same Spearman correlation, by the toolbox of the field."""
    pytest.importorskip("rsatoolbox")
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from rsatoolbox.data import Dataset
        from rsatoolbox.rdm import calc_rdm, compare

        x, y = noise(0, 20, 6), noise(1, 20, 5)
        rdms = [calc_rdm(Dataset((one - one.mean(0)).numpy()), "euclidean") for one in (x, y)]
        spearman = float(np.squeeze(compare(*rdms, method="rho-a")))
    assert Rsa()(x, y).value == pytest.approx(spearman, abs=1e-9)


def test_whitened_cosine_of_rsatoolbox_is_linear_cka(noise):
    pytest.importorskip("rsatoolbox")
    import warnings

    from plantedu.similarity.cka import linear_cka

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from rsatoolbox.data import Dataset
        from rsatoolbox.rdm import calc_rdm, compare

        x, y = noise(0, 16, 30), noise(1, 16, 40)
        rdms = [calc_rdm(Dataset(one.numpy()), "euclidean") for one in (x, y)]
        told = float(np.squeeze(compare(*rdms, method="cosine_cov")))
    assert linear_cka(x, y) == pytest.approx(told, abs=1e-6)


def test_ranks_are_all_it_sees(noise):
    line = torch.arange(12.0).double()[:, None]
    assert Rsa()(line, line.exp()).value < 1
    assert Rsa()(line, 5 * line).value == pytest.approx(1)


def test_plants_that_are_all_equally_far_apart_are_said():
    with pytest.raises(PlantEduError, match="equally far apart"):
        Rsa()(torch.eye(6), torch.eye(6))
    with pytest.raises(PlantEduError, match="between is one of"):
        Rsa(between="cosine")
