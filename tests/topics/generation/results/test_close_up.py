"""One drawn picture large, where samples differ, and files that are gone or damaged."""

import io

import numpy as np
import pytest
from PIL import Image

from plantedu.errors import PlantEduError
from plantedu.topics.generation.results.close_up import (
    GAP,
    LARGE,
    WHITE,
    close_up,
    deviation_map,
    read_pictures,
)


def pixels(data):
    return np.asarray(Image.open(io.BytesIO(data)))


@pytest.fixture
def pictures():
    return np.random.default_rng(0).integers(0, 256, (2, 4, 6, 8, 8)).astype(np.uint8)


def test_the_source_stands_beside_the_picture_that_was_asked_for(pictures):
    sources = np.stack([pictures[0, 0, :3], pictures[0, 0, 3:]])
    found = pixels(close_up(pictures, sources, place=1, sample=2, blend=0.0))
    assert found.shape == (LARGE, 2 * LARGE + GAP, 3)
    assert found[1, 1].tolist() == sources[0, :, 0, 0].tolist()
    assert found[-1, -1].tolist() == pictures[1, 2, :3, -1, -1].tolist()
    other = pixels(close_up(pictures, sources, place=1, sample=2, blend=1.0))
    assert other[-1, -1].tolist() == pictures[1, 2, 3:, -1, -1].tolist()
    half = pixels(close_up(pictures, sources[:0], place=0, sample=0, blend=0.5))
    assert half.shape == (LARGE, LARGE, 3)
    mean = (pictures[0, 0, :3, 0, 0].astype(float) + pictures[0, 0, 3:, 0, 0]) / 2
    assert half[0, 0].tolist() == mean.round().astype(int).tolist()


def test_a_map_is_white_where_samples_differ_and_black_where_they_agree(pictures):
    pictures[0, :, :, :4] = 9
    pictures[0, :2, :, 4:], pictures[0, 2:, :, 4:] = 0, 255
    found = {name: pixels(one) for name, one in deviation_map(pictures).items()}
    assert set(found) == {"x1", "x2"}
    assert found["x1"][0, 0].tolist() == [0, 0, 0]
    assert found["x2"][-1, -1].tolist() == [255, 255, 255]
    pictures[0, :, :, :, :] = 100
    pictures[0, 0, :3] = 100 + WHITE
    by_hand = np.std([100 + WHITE, 100, 100, 100], ddof=1) / WHITE * 255
    assert pixels(deviation_map(pictures)["x1"])[5, 5, 0] == round(by_hand)


def test_what_is_not_there_is_a_sentence(pictures, tmp_path):
    none = np.zeros((0, 3, 8, 8), np.uint8)
    for bad in ({"place": 2}, {"sample": 4}, {"sample": -1}, {"blend": 1.5}):
        with pytest.raises(PlantEduError):
            close_up(pictures, none, **({"place": 0, "sample": 0, "blend": 0.0} | bad))
    with pytest.raises(PlantEduError, match="two or more"):
        deviation_map(pictures[:, :1])
    with pytest.raises(PlantEduError, match="cannot be read"):
        read_pictures(tmp_path / "gone.npz")
    (tmp_path / "cut.npz").write_bytes(b"PK\x03\x04 cut")
    with pytest.raises(PlantEduError, match="cannot be read"):
        read_pictures(tmp_path / "cut.npz")


def test_files_of_earlier_runs_hold_no_sources(pictures, tmp_path):
    np.savez(tmp_path / "old.npz", pictures=pictures)
    found, sources = read_pictures(tmp_path / "old.npz")
    assert np.array_equal(found, pictures)
    assert sources.shape == (0, 3, 8, 8)


def test_a_picture_says_the_command_that_draws_it(pictures):
    data = close_up(pictures, pictures[0, :1, :3], place=0, sample=0, blend=0.0, made_by="python x")
    assert Image.open(io.BytesIO(data)).text == {"made_by": "python x"}
