"""Partners are found where something gives them away, and by chance where nothing does."""

import json

import numpy as np
import pytest

from plantedu.__main__ import main
from plantedu.topics.pairs.partners import (
    band_shuffled,
    brightness,
    found_share,
    linear_map,
    partners,
    shape,
)
from plantedu.topics.pairs.results.partners import Settings


@pytest.fixture(scope="module")
def result():
    return partners(Settings(plants=32, size=24))


def test_every_partner_is_found_among_copies():
    rows = np.random.default_rng(0).normal(size=(20, 5))
    assert found_share(rows, rows) == 1


def test_unrelated_descriptions_find_partners_by_chance():
    generator = np.random.default_rng(1)
    shares = [found_share(*generator.normal(size=(2, 20, 5))) for _ in range(300)]
    assert np.mean(shares) == pytest.approx(1 / 20, abs=0.01)


def test_found_share_counts_nearest_rows_one_by_one():
    first, second = np.random.default_rng(2).normal(size=(2, 15, 3))
    second = first + 0.8 * second
    slow = sum(
        min(range(15), key=lambda j: sum((first[i] - second[j]) ** 2)) == i for i in range(15)
    )
    assert found_share(first, second) == slow / 15


def test_linear_map_recovers_a_linear_rule():
    rows = np.random.default_rng(3).normal(size=(12, 3))
    wanted = rows @ np.diag([1.0, 2, 3]) + 4
    assert np.allclose(linear_map(rows, wanted)(rows), wanted)


def test_shape_ignores_brightness_and_contrast():
    images = np.random.default_rng(4).integers(40, 120, size=(3, 3, 24, 24))
    assert np.allclose(shape(images), shape(2 * images + 10))
    assert not np.allclose(brightness(images), brightness(2 * images + 10))


def test_shuffled_bands_keep_every_value():
    images = np.random.default_rng(5).integers(0, 255, size=(8, 3, 4, 4))
    mixed = band_shuffled(images, np.random.default_rng(6))
    assert (np.sort(images, axis=1) == np.sort(mixed, axis=1)).all()
    assert (images != mixed).any()


def test_shared_light_gives_the_partner_away(result):
    """The planted shortcut: brightness alone finds partners only where light is shared."""
    assert result.of("shared_light", "brightness").value > 2 * result.chance
    assert result.of("shared_light", "brightness").value > result.of("field", "brightness").value


def test_command(capsys):
    words = ["partners", "--worlds", "calm", "--plants", "8", "--size", "24", "--json"]
    assert main(words) == 0
    found = json.loads(capsys.readouterr().out.strip().splitlines()[-1])
    assert found["chance"] == 1 / 8
    assert set(found["calm"]["shape"]) >= {"value", "null", "n", "seeds", "interval"}
