"""A linear reader reads what is planted, and finds nothing in shuffled labels."""

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression, RidgeCV
from sklearn.model_selection import GridSearchCV

from plantedu.errors import PlantEduError
from plantedu.training.linear_probe import Target, answered, fit_linear, read_off, standardised
from plantedu.training.seeding import generator_for


def planted_features(plants=400, dim=24, noise=0.1):
    """Features that hold one class and one number, each along directions of its own."""
    generator = generator_for(1, "features")
    classes = torch.randint(0, 3, (plants,), generator=generator)
    number = torch.randn(plants, generator=generator)
    features = noise * torch.randn(plants, dim, generator=generator)
    features[torch.arange(plants), classes] += 1
    features[:, 5] += number
    return features, classes, number


def targets_of(classes, number, half):
    return [
        Target("disease", "rgb", 3, classes[:half], classes[half:]),
        Target("angle", "rgb", 0, number[:half], number[half:]),
    ]


def test_reads_what_is_planted_and_nothing_from_shuffled_labels():
    features, classes, number = planted_features()
    targets = targets_of(classes, number, 200)
    found = read_off(features[:200], features[200:], targets, seeds=3, seed=0, step=0)
    assert found["probe/disease/rgb"][0] > 0.98
    assert found["probe/angle/rgb"][0] > 0.85
    assert abs(found["null/disease/rgb"][0] - 1 / 3) < 0.12
    assert found["null/angle/rgb"][0] < 0.1
    for value, low, high in found.values():
        assert low <= value <= high


def test_features_without_the_factor_score_at_chance():
    generator = generator_for(2, "noise")
    noise = torch.randn(600, 24, generator=generator)
    labels = torch.arange(600) % 3
    target = Target("disease", "rgb", 3, labels[:300], labels[300:])
    found = read_off(noise[:300], noise[300:], [target], seeds=3, seed=0, step=0)
    assert abs(found["probe/disease/rgb"][0] - 1 / 3) < 0.1
    assert target.chance == pytest.approx(1 / 3)


def embedding(plants=800, dim=64, seed=4):
    """Like a projection z: ever narrower directions, and factors that lie along narrow ones."""
    generator = generator_for(seed, "embedding")
    hidden = torch.randn(plants, dim, generator=generator)
    codes = torch.randint(0, 3, (plants,), generator=generator)
    wide = hidden * torch.logspace(0, -2, dim)
    wide[:, 40] += 0.04 * (codes == 1)
    wide[:, 41] += 0.04 * (codes == 2)
    turn = torch.linalg.qr(torch.randn(dim, dim, generator=generator))[0]
    numbers = torch.stack([hidden[:, k] for k in (2, 20, 45)], 1)
    numbers = numbers + 0.4 * torch.randn(plants, 3, generator=generator)
    return wide @ turn, codes, numbers


def test_narrow_directions_are_read_as_by_cross_validated_ridge():
    """Slow twin: RidgeCV. The reader before, with a fixed penalty of .3, read .0 to .2 here."""
    features, codes, numbers = embedding()
    x, held = (part[:, :-1].numpy() for part in standardised(features[:400], features[400:]))
    targets = [Target(f"n{k}", "rgb", 0, numbers[:400, k], numbers[400:, k]) for k in range(3)]
    targets.append(Target("disease", "rgb", 3, codes[:400], codes[400:]))
    found = read_off(features[:400], features[400:], targets, seeds=20, seed=0, step=0)
    for k in range(3):
        twin = RidgeCV(np.logspace(-5, 5, 60)).fit(x, numbers[:400, k].numpy())
        expected = twin.score(held, numbers[400:, k].numpy())
        assert expected > 0.6
        assert found[f"probe/n{k}/rgb"][0] == pytest.approx(expected, abs=0.02)
        assert abs(found[f"null/n{k}/rgb"][0]) <= 0.02
    twin = GridSearchCV(LogisticRegression(max_iter=2000), {"C": np.logspace(-3, 4, 8)})
    twin = twin.fit(x, codes[:400])
    assert found["probe/disease/rgb"][0] >= twin.score(held, codes[400:]) - 0.03
    assert abs(found["null/disease/rgb"][0] - 1 / 3) < 0.05


def test_more_features_than_plants_still_read_nothing_from_shuffled_labels():
    generator = generator_for(5, "wide")
    features = torch.randn(300, 400, generator=generator)
    number = 10 * features[:, 0] + features[:, 1]
    target = Target("angle", "rgb", 0, number[:150], number[150:])
    found = read_off(features[:150], features[150:], [target], seeds=20, seed=0, step=0)
    assert abs(found["null/angle/rgb"][0]) <= 0.05
    assert found["probe/angle/rgb"][0] > 0.2


def test_the_weights_answer_as_the_probe_does():
    features, classes, number = planted_features()
    train, held_out = standardised(features[:200], features[200:])
    for target in targets_of(classes, number, 200):
        answers = held_out @ fit_linear(train, target)
        scores = dict(answered(features[:200], features[200:], [target], seeds=1, seed=0, step=0))
        expected = scores[f"probe/{target.name}/rgb"][0]
        torch.testing.assert_close(target.per_plant(answers), expected, atol=1e-4, rtol=1e-4)


def test_nothing_is_drawn_but_the_shuffles():
    features, classes, number = planted_features()
    targets = targets_of(classes, number, 200)
    one, other = (
        read_off(features[:200], features[200:], targets, seeds=2, seed=seed, step=step)
        for seed, step in ((0, 0), (7, 50))
    )
    assert one["probe/angle/rgb"] == other["probe/angle/rgb"]
    assert one["null/angle/rgb"] != other["null/angle/rgb"]


def test_a_band_is_over_plants_and_never_of_no_width():
    features, classes, number = planted_features(noise=0.01)
    targets = targets_of(classes, number, 200)
    found = read_off(features[:200], features[200:], targets, seeds=2, seed=0, step=0)
    value, low, high = found["probe/disease/rgb"]
    assert (value, high) == (1.0, 1.0)
    assert 0.97 < low < 0.995
    value, low, high = found["probe/angle/rgb"]
    assert low < value < high


def bad(features, classes, number, what):
    """One thing wrong with features or labels of 200 + 200 plants."""
    targets = targets_of(classes, number, 200)
    ones = torch.ones(200)
    nothing = torch.zeros(200).bool()
    match what:
        case "nan":
            features[[3, 5, 7], 2] = torch.nan
        case "inf":
            features[399, 0] = torch.inf
        case "constant":
            features = torch.ones_like(features)
        case "label":
            targets = [Target("angle", "rgb", 0, torch.where(ones > 0, torch.nan, ones), ones)]
        case "one class":
            targets = [Target("disease", "rgb", 3, ones.long(), classes[200:])]
        case "no class":
            targets = [Target("disease", "rgb", 2, classes[:200], classes[200:])]
        case "one value":
            targets = [Target("angle", "rgb", 0, ones, number[200:])]
        case "held-out value":
            targets = [Target("angle", "rgb", 0, number[:200], ones)]
        case "hidden":
            shows = (nothing, ~nothing)
            targets = [Target("lesion_count", "rgb", 0, number[:200], number[200:], shows)]
        case "few":
            return features[:5], features[200:], targets_of(classes[-205:], number[-205:], 5)
    return features[:200], features[200:], targets


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("nan", "3 of 200 training and 0 of 200 held-out"),
        ("inf", "0 of 200 training and 1 of 200 held-out"),
        ("constant", "24 features of all 200 training plants are the same"),
        ("label", "200 of 200 training plants have no finite value of angle"),
        ("one class", "All 200 training plants are of one class of disease"),
        ("no class", "must lie in 0..1"),
        ("one value", "All 200 training plants have one value of angle"),
        ("held-out value", "All 200 held-out plants have one value of angle"),
        ("hidden", "None of 200 training plants show lesion_count"),
        ("few", "5 of 5 training plants show disease; a probe needs 8 or more"),
    ],
)
def test_what_cannot_be_read_is_said_and_never_called_chance(what, said):
    train, held_out, targets = bad(*planted_features(), what)
    with pytest.raises(PlantEduError, match=said):
        read_off(train, held_out, targets, seeds=2, seed=0, step=0)


def test_score_of_a_number_is_r2():
    target = Target("angle", "rgb", 0, torch.tensor([0.0, 2.0]), torch.tensor([0.0, 1.0, 2.0]))
    spread = target.train.std()
    exact = ((target.held_out - 1) / spread)[:, None]
    assert target.score(exact) == pytest.approx(1.0)
    assert target.score(torch.zeros(3, 1)) == pytest.approx(0.0)


def test_plants_in_which_a_factor_does_not_show_are_left_out():
    """The number is read where it shows; elsewhere its label is noise that must not matter."""
    features, _classes, number = planted_features()
    hidden = torch.arange(400) % 2 == 0
    noise = torch.randn(400, generator=torch.Generator().manual_seed(5))
    poisoned = torch.where(hidden, 1000.0 * noise, number)
    shows = (~hidden[:200], ~hidden[200:])
    target = Target("angle", "rgb", 0, poisoned[:200], poisoned[200:], shows)
    found = read_off(features[:200], features[200:], [target], seeds=2, seed=0, step=0)
    assert found["probe/angle/rgb"][0] > 0.85


def test_a_feature_that_hardly_moves_is_not_blown_up():
    """One held-out outlier in a nearly constant feature must not decide the score."""
    features, _classes, number = planted_features()
    features[:, 20] = 1e-7 * torch.randn(400, generator=torch.Generator().manual_seed(5))
    features[250, 20] = 1.0
    target = Target("angle", "rgb", 0, number[:200], number[200:])
    found = read_off(features[:200], features[200:], [target], seeds=2, seed=0, step=0)
    assert found["probe/angle/rgb"][0] > 0.85
