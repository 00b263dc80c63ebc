"""What a dictionary is worth: each number against a slow twin or a known answer."""

import numpy as np
import pytest
import torch

from plantedu.errors import PlantEduError
from plantedu.statistics.auroc import auroc
from plantedu.topics.neurons.dictionary_scores import (
    Downstream,
    agreement,
    best_unit,
    best_units,
    dead_share,
    fvu,
    l0,
    random_directions,
)


def test_fvu_l0_and_dead_by_hand():
    x = torch.tensor([[0.0, 0], [2, 0]])
    assert fvu(x, x) == 0
    assert fvu(x, x.mean(0).expand(2, 2)) == pytest.approx(1)
    codes = torch.tensor([[1.0, 0, 0], [1, 2, 0]])
    assert l0(codes) == 1.5
    assert dead_share(codes) == pytest.approx(1 / 3)
    with pytest.raises(PlantEduError, match="do not vary"):
        fvu(torch.ones(3, 2), torch.ones(3, 2))


def test_the_best_of_many_is_marked_on_plants_that_did_not_choose_it():
    rng = np.random.default_rng(1)
    noise, wanted, chosen = rng.normal(size=(200, 500)), rng.random(200) < 0.5, np.arange(200) < 100
    inside = np.abs(auroc(noise[chosen], wanted[chosen]) - 0.5).max() + 0.5
    _, outside = best_unit(noise, wanted, chosen)
    assert inside > 0.65  # looks good
    assert outside < 0.62  # is not
    noise[:, 7] = -wanted.astype(float)  # low for the wanted counts as well
    assert best_unit(noise, wanted, chosen) == (7, 1.0)
    rows = np.arange(150)
    found = best_units(noise, {"q": (rows, wanted[rows])}, chosen)
    assert found["q"] == (7, 1.0)


def test_agreement_of_a_dictionary_with_itself_in_another_order_is_1():
    w = torch.randn(20, 8, generator=torch.Generator().manual_seed(0))
    assert agreement(w, w.flip(0) * 3) == pytest.approx(1, abs=1e-6)
    assert agreement(torch.eye(2), torch.tensor([[1.0, 1.0]])) == pytest.approx(0.5**0.5)
    with pytest.raises(PlantEduError, match="no direction alive"):
        agreement(w, w[:0])


def test_directions_by_lot_are_directions_of_data():
    x = torch.randn(50, 4, generator=torch.Generator().manual_seed(1))
    lots = random_directions(x, 10, torch.Generator().manual_seed(2))
    assert torch.allclose(lots.norm(dim=1), torch.ones(10))
    cosines = lots @ torch.nn.functional.normalize(x, dim=1).T
    assert torch.allclose(cosines.max(1).values, torch.ones(10), atol=1e-5)


def test_recovered_is_1_for_the_whole_0_for_the_mean_and_matches_sklearn():
    g = torch.Generator().manual_seed(3)
    labels = torch.arange(300) % 3
    h = torch.nn.functional.one_hot(labels, 3) * 2.0 + torch.randn(300, 3, generator=g)
    reader = Downstream(h, labels)
    assert reader.recovered(h, h, labels) == pytest.approx(1)
    assert reader.recovered(h, h.mean(0).expand_as(h), labels) == pytest.approx(0, abs=1e-6)
    part = h.clone()
    part[:, 0] = h[:, 0].mean()
    assert 0 < reader.recovered(h, part, labels) < 0.9
    linear = pytest.importorskip("sklearn.linear_model")
    x = ((h - h.mean(0)) / h.std(0, correction=0)).double().numpy()
    # ours: mean loss + HELD |w|^2; theirs: C sum loss + |w|^2 / 2
    twin = linear.LogisticRegression(C=1 / (2 * 0.05 * 300), tol=1e-9, max_iter=1000).fit(x, labels)
    said = -np.log(twin.predict_proba(x)[np.arange(300), labels]).mean()
    assert reader.cross_entropy(h, labels) == pytest.approx(said, abs=1e-5)


def test_a_reader_of_nothing_has_nothing_to_recover():
    h = torch.randn(60, 2, generator=torch.Generator().manual_seed(4))
    reader = Downstream(h[:30], torch.arange(30) % 2)
    wrong = torch.from_numpy(reader.fitted.scores(h.double().numpy())).argmin(1)
    assert reader.recovered(h, h, wrong) is None
