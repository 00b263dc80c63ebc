"""The linear probe: a representation with a known share of noise, its null, lesions, refusals."""

import numpy as np
import pytest
import torch

from plantedu.data.renderer.worlds import draw_factors, world
from plantedu.errors import PlantEduError
from plantedu.topics.generation.linear_probe import probed
from plantedu.topics.generation.results.conditioning import Conditioning

SIGNAL = {"soil_rgb": 1.0, "light_rgn": 0.5, "severity": 1.0}  # weight of each, noise has 1 sd
OTHERS = ("angle", "disease")


class Known:
    """Tells of a plant's factors what is planted here; its pictures carry the plant's number."""

    def __init__(self):
        self.world, self.gallery = world("field", 0), np.arange(4096, 5120)
        self.trained = np.arange(5120, 13_312)

    def pairs(self, plants):
        high, low = (torch.from_numpy(x).float() / 255 for x in divmod(plants, 256))
        return torch.stack([high, low, *[low] * 4], 1)[:, :, None, None].expand(-1, 6, 2, 2)

    def phi(self, conditioning):
        def numbers(x1, x2):
            plants = x1[:, 0, 0, 0].astype(int) * 256 + x1[:, 1, 0, 0]
            drawn = draw_factors(self.world, plants)
            noise = np.random.default_rng(int(plants[0])).normal(size=(len(plants), len(SIGNAL)))
            rows = []
            for k, (column, weight) in enumerate(SIGNAL.items()):
                f = drawn[column].astype(float)
                spread = f[drawn["disease"] > 0].std() if column == "severity" else f.std()
                rows.append(weight * f / spread + noise[:, k])
            return torch.from_numpy(np.stack(rows, 1))

        return numbers


@pytest.fixture(scope="module")
def found():
    columns = (*SIGNAL, *OTHERS)
    return probed(Known(), Conditioning(), plants=1024, seed=0, columns=columns)


@pytest.mark.parametrize(("column", "weight"), SIGNAL.items())
def test_r2_is_the_share_that_is_not_noise(found, column, weight):
    one, share = found[column], weight**2 / (weight**2 + 1)
    low, high = one.interval
    assert low < one.value < high
    assert one.value == pytest.approx(share, abs=0.06)
    assert abs(one.null) < 0.02


@pytest.mark.parametrize("column", OTHERS)
def test_what_is_not_there_is_not_read(found, column):
    assert abs(found[column].value) < 0.02


def test_a_second_implementation_agrees(found):
    known, columns = Known(), "light_rgn"
    phi = known.phi(Conditioning())
    bytes_of = [
        (known.pairs(rows) * 255).round().to(torch.uint8).numpy()
        for rows in (np.arange(5120, 5632), np.arange(5632, 6144), known.gallery[:512])
    ]
    x = np.concatenate([phi(one[:, :3], one[:, 3:]).numpy() for one in bytes_of])
    y = draw_factors(known.world, np.concatenate([np.arange(5120, 6144), known.gallery[:512]]))
    y = y[columns].astype(float)
    design = np.column_stack([np.ones(len(x)), x])
    weights = np.linalg.lstsq(design[:1024], y[:1024], rcond=None)[0]
    error = np.square(y[1024:] - design[1024:] @ weights).sum()
    r2 = 1 - error / np.square(y[1024:] - y[:1024].mean()).sum()
    assert found[columns].value == pytest.approx(r2, abs=0.05), "half of the gallery, no penalty"


def test_lesions_are_asked_of_plants_that_have_some(found):
    sick = int((draw_factors(Known().world, Known().gallery)["disease"] > 0).sum())
    assert found["severity"].n == sick < found["soil_rgb"].n == 1024


def test_too_few_plants_are_refused_and_a_run_can_be_stopped():
    with pytest.raises(PlantEduError, match="at least 32 plants; got 8"):
        probed(Known(), Conditioning(), plants=8, seed=0)

    def stop():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        probed(Known(), Conditioning(), plants=64, seed=0, check=stop)
