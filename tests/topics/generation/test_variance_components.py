"""Spreads of readings: slow twins, a world where the answer is known, refusals."""

import numpy as np
import pytest
import torch

from plantedu.data.renderer.factors import COLUMNS
from plantedu.data.renderer.worlds import World
from plantedu.errors import PlantEduError
from plantedu.models.factor_regressor import view_of
from plantedu.topics.generation.variance_components import (
    Ground,
    explained,
    free_spread,
    ground,
    left,
    over,
    read_pairs,
    resampled,
    settled,
    shuffled_r2,
    variances,
    within,
    withins,
    word,
)


def noise(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed)).double()


def test_spreads_equal_plain_loops():
    r = noise(4, 5, 3)
    for i in range(4):
        total = 0.0
        for d in range(3):
            mean = sum(float(r[i, s, d]) for s in range(5)) / 5
            total += sum((float(r[i, s, d]) - mean) ** 2 for s in range(5)) / 4
        assert float(within(r)[i]) == pytest.approx(total)
    assert over(r[0]) == pytest.approx(float(within(r)[0]))


def test_pinned_is_0_for_the_world_and_1_for_the_floor():
    real = Ground({"angle": 0.8}, {"angle": 0.2})
    assert real.pinned("angle", 0.8) == 0
    assert real.pinned("angle", 0.2) == pytest.approx(1)
    assert real.pinned("angle", 0.5) == pytest.approx(0.5)
    assert real.readable("angle") == pytest.approx(0.75)
    assert np.isnan(Ground({"angle": 0.2}, {"angle": 0.2}).pinned("angle", 0.1))


def test_what_is_settled_is_the_intraclass_correlation():
    known = torch.tensor([[2.0, 4, 4, 6], [4, 5, 8, 8], [5, 8, 9, 9]])[:, :, None]
    assert settled(known) == pytest.approx(0.434343434)  # ShroutFleissICC1 of R's superb
    assert abs(settled(noise(300, 8, 1))) < 0.03
    assert settled(noise(300, 1, 1).expand(-1, 8, -1)) == pytest.approx(1)
    mixed = noise(4000, 1, 1) + noise(4000, 6, 1, seed=1)
    assert settled(mixed) == pytest.approx(0.5, abs=0.03)
    assert settled(0.01 * mixed) == pytest.approx(settled(mixed))  # a dull painter changes nothing
    assert settled(torch.ones(3, 4, 1)) == 0
    with pytest.raises(PlantEduError, match="needs 2 of them; got 1"):
        settled(known[:1])


def test_only_plants_that_show_a_factor_count():
    readings = {"severity": noise(4, 6, 1), "angle": noise(4, 6, 1)}
    found = withins(readings, torch.tensor([0, 1, 2, 0]))
    assert np.isnan(found["severity"]).tolist() == [True, False, False, True]
    assert np.isfinite(found["angle"]).all()


def test_pictures_from_nothing_are_judged_by_the_disease_that_is_read_off_them():
    healthy = torch.tensor([[[1.0, 0, 0]] * 3 + [[0, 1.0, 0]] * 5])
    readings = {"disease": healthy, "severity": noise(1, 8, 1), "angle": noise(1, 8, 1)}
    found = free_spread(readings)
    assert found["severity"] == pytest.approx(over(readings["severity"][0, 3:]))
    assert found["angle"] == pytest.approx(over(readings["angle"][0]))
    few = readings | {"disease": torch.tensor([[[1.0, 0, 0]] * 8])}
    assert np.isnan(free_spread(few)["severity"])


def test_what_is_left_is_the_between_variance_of_encoders_that_omit_the_factor():
    own = noise(60, 1, 1).expand(-1, 8, -1) + noise(60, 8, 1)
    without = 0.5 * noise(60, 1, 1).expand(-1, 8, -1) + noise(60, 8, 1)
    b, w = variances(own)
    assert b / (b + w) == pytest.approx(settled(own))
    rows = np.random.default_rng(0).integers(60, size=(3, 60))
    for k, (many_b, many_w) in enumerate(zip(*resampled(own, rows), strict=True)):
        assert (many_b, many_w) == pytest.approx(variances(own[torch.from_numpy(rows[k])]))
    rest = float(without.double().mean(1).var(0)) - float(without.double().var(1).mean()) / 8
    assert left(own, [without]) == pytest.approx(rest / (b + w))
    assert left(own, [own, without]) == pytest.approx((b + rest) / 2 / (b + w))
    assert left(own, [own]) == pytest.approx(settled(own)), "nothing was held"
    assert left(torch.ones(4, 3, 1), [torch.ones(4, 3, 1)]) == 0


def test_what_is_explained_is_adjusted_r2_of_the_source():
    truth = np.linspace(-1, 1, 30)
    readings = torch.from_numpy(truth)[:, None, None].expand(-1, 4, 1) + 0.5 * noise(30, 4, 1)
    mean = readings.mean(1)[:, 0].numpy()
    r2 = np.corrcoef(mean, truth)[0, 1] ** 2
    assert explained("angle", readings, truth) == pytest.approx(1 - 29 / 28 * (1 - r2))
    assert explained("angle", -3 * readings + 7, truth) == pytest.approx(1 - 29 / 28 * (1 - r2))
    rng = np.random.default_rng(0)
    strangers = [explained("angle", readings, rng.permutation(truth)) for _ in range(400)]
    many = shuffled_r2("angle", readings, truth, np.random.default_rng(1))
    assert many.mean() == pytest.approx(0, abs=0.005)
    assert np.quantile(many, 0.95) == pytest.approx(np.quantile(strangers, 0.95), abs=0.03)
    assert abs(np.mean(strangers)) < 0.01, "adjusted: 0 on average where nothing is explained"
    codes = np.arange(30) % 3
    sure = torch.nn.functional.one_hot(torch.from_numpy(codes), 3)[:, None].expand(-1, 4, 3)
    assert explained("disease", sure.double(), codes) == pytest.approx(1)
    assert explained("angle", readings, np.zeros(30)) == 0


class Brightness:
    """A reader whose every reading is the mean of its sensor's picture."""

    side = 16

    def read(self, x1, x2):
        means = {"rgb": x1.mean((1, 2, 3)), "rgn": x2.mean((1, 2, 3))}
        means["both"] = (means["rgb"] + means["rgn"]) / 2
        widths = {c: max(len(f.levels), 1) for c, f in COLUMNS.items()}
        return {c: means[view_of(c)][:, None].expand(-1, width) for c, width in widths.items()}


def test_what_the_mean_of_a_picture_tells_is_light_and_not_the_camera_roll():
    columns = ("light_rgb", "rotation_rgb")
    real = ground(
        Brightness(), World(), np.arange(40), side=16, values=10, others=6, columns=columns,
        generator=np.random.default_rng(0),
    )  # fmt: skip
    assert real.readable("light_rgb") > 0.4
    assert real.readable("rotation_rgb") < 0.2


def test_bad_input_is_refused():
    with pytest.raises(PlantEduError, match="2 samples; got 1"):
        within(noise(3, 1, 2))
    with pytest.raises(PlantEduError, match="not finite"):
        within(torch.full((3, 2, 1), torch.nan))
    with pytest.raises(PlantEduError, match="6 channels"):
        read_pairs(Brightness(), noise(2, 2, 3, 16, 16))
    with pytest.raises(PlantEduError, match="at least 8 plants; got 3"):
        ground(Brightness(), World(), np.arange(3), side=16, generator=np.random.default_rng(0))
    assert word("disease", np.int64(2)) == "brown"
    assert word("angle", np.float64(3)) == 3.0
