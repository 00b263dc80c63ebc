"""Regression dilution: a noisy copy looks like an attenuation, and a second look tells."""

import numpy as np
import pytest

from plantedu.errors import PlantEduError
from plantedu.topics.spectrum.attenuation import dilution
from plantedu.topics.spectrum.planted import looks, planted


@pytest.mark.parametrize("reliability", [0.5, 0.7, 0.9])
@pytest.mark.parametrize(("kind", "gain"), [("copy", 1.0), ("attenuate", 0.5), ("rotate", 1.0)])
def test_gain_is_corrected(kind, gain, reliability):
    draw = np.random.default_rng(0)
    head = planted(kind, 16, generator=draw)
    look, again, other = looks(600, 16, generator=draw, reliability=reliability)
    found = dilution(look, again, other @ head.matrix)
    assert found.cross.gain < 0.95 * gain
    assert found.gain == pytest.approx(gain, rel=0.06)


def test_without_noise_there_is_nothing_to_correct():
    draw = np.random.default_rng(0)
    look, again, other = looks(300, 8, generator=draw, reliability=1)
    found = dilution(look, again, 0.5 * other)
    assert found.same.gain == pytest.approx(1, abs=1e-3)
    assert found.gain == pytest.approx(0.5, abs=1e-3)


def test_two_looks_without_anything_in_common_are_refused():
    look = np.random.default_rng(0).normal(size=(50, 4))
    with pytest.raises(PlantEduError, match="nothing in common"):
        dilution(look, np.zeros((50, 4)), look)
