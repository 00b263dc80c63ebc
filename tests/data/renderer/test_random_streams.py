"""Draws by address: reproducible, independent of company, uniform."""

import numpy as np
from scipy import stats

from plantedu.data.renderer.random_streams import noise_bytes, uniforms

GOLDEN = 0x9E3779B97F4A7C15


def _mix(word: int) -> int:
    word = ((word ^ (word >> 30)) * 0xBF58476D1CE4E5B9) % 2**64
    word = ((word ^ (word >> 27)) * 0x94D049BB133111EB) % 2**64
    return word ^ (word >> 31)


def test_equals_the_formula_in_plain_integers():
    from hashlib import sha256

    key = int.from_bytes(sha256(b"angle").digest()[:8], "little")
    slow = [_mix((_mix((7 + key) % 2**64) + (k + 1) * GOLDEN) % 2**64) / 2**64 for k in range(50)]
    np.testing.assert_allclose(uniforms(7, "angle", np.arange(50)), slow, rtol=0, atol=2**-53)


def test_a_plant_does_not_depend_on_the_others():
    alone = uniforms(3, "bend", np.array([17]), count=4)
    among = uniforms(3, "bend", np.arange(100), count=9)
    np.testing.assert_array_equal(alone[0], among[17, :4])


def test_streams_are_uniform_and_uncorrelated():
    plants = np.arange(20_000)
    table = np.stack([uniforms(s, n, plants) for s in (0, 1) for n in ("light_rgb", "light_rgn")])
    assert all(stats.kstest(row, "uniform").pvalue > 1e-3 for row in table)
    off = np.corrcoef(table)[~np.eye(4, dtype=bool)]
    assert np.abs(off).max() < 4 / np.sqrt(len(plants))


def test_neighbouring_plants_and_places_are_uncorrelated():
    draws = uniforms(0, "lesions", np.arange(20_000), count=2)
    assert abs(np.corrcoef(draws[:-1, 0], draws[1:, 0])[0, 1]) < 0.03
    assert abs(np.corrcoef(draws[:, 0], draws[:, 1])[0, 1]) < 0.03


def test_noise_bytes_are_the_same_on_every_platform():
    assert (
        noise_bytes(0, "noise rgb", 5, 11).tolist()
        == noise_bytes(0, "noise rgb", 5, 99)[:11].tolist()
    )
    assert noise_bytes(0, "noise rgb", 5, 6).tolist() == [211, 13, 141, 238, 27, 146]
