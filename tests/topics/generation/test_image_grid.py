"""ImageGrid sheets: every picture in its place, files that a page may read at any time."""

import io

import numpy as np
import torch
from PIL import Image

from plantedu.topics.generation.image_grid import GAP, ImageGrid, by_camera, sheet, views


def flat(places, samples, channels=6, side=8):
    """Pictures of one grey each, by their number."""
    count = places * samples
    grey = np.arange(1, count + 1, dtype=np.uint8).reshape(places, samples, 1, 1, 1)
    return np.broadcast_to(grey, (places, samples, channels, side, side)).copy()


def pixels(data):
    return np.asarray(Image.open(io.BytesIO(data)))


def test_a_row_for_each_place_and_a_square_for_one():
    cell = 96 + GAP
    found = pixels(sheet(flat(2, 3, channels=3)))
    assert found.shape == (2 * cell - GAP, 3 * cell - GAP, 3)
    assert [int(found[cell * r + 5, cell * c + 5, 0]) for r in (0, 1) for c in (0, 1, 2)] == [
        *range(1, 7)
    ]
    assert pixels(sheet(flat(1, 16, channels=3))).shape == (4 * cell - GAP, 4 * cell - GAP, 3)


def test_both_sensors_stand_above_each_other():
    pictures = flat(1, 2)
    pictures[:, :, 3:] += 100
    found = pixels(sheet(pictures))
    assert int(found[5, 5, 0]) == 1
    assert int(found[5 + 96 + GAP, 5, 0]) == 101
    assert set(views(pictures)) == {"x1", "x2"}
    assert set(views(pictures[:, :, :3])) == {"x1"}


def test_a_run_leaves_its_files(tmp_path):
    contact = ImageGrid(tmp_path)
    contact.preview(2, torch.zeros(1, 4, 6, 8, 8))
    assert sorted(p.name for p in (tmp_path / "grid").iterdir()) == ["002-x1.png", "002-x2.png"]
    picture = np.zeros((3, 8, 8), np.uint8)
    contact.finish(flat(1, 4), (("X1", picture),))
    assert {"x1.png", "x2.png", "sources.png", "pictures.npz"} <= {
        p.name for p in tmp_path.iterdir()
    }
    with np.load(tmp_path / "pictures.npz", allow_pickle=False) as kept:
        assert np.array_equal(kept["pictures"], flat(1, 4))


def test_places_of_a_walk_run_across_and_its_sources_are_kept(tmp_path):
    cell = 96 + GAP
    grid = ImageGrid(tmp_path, across=True)
    picture = np.full((3, 8, 8), 7, np.uint8)
    grid.finish(flat(5, 1), (("X1", picture),))
    found = pixels((tmp_path / "x1.png").read_bytes())
    assert found.shape == (cell - GAP, 5 * cell - GAP, 3)
    grid.preview(1, torch.from_numpy(flat(3, 2)).float() / 255)
    found = pixels((tmp_path / "grid" / "001-x1.png").read_bytes())
    assert found[5, cell + 5, 0] == 3, "the second place stands to the right of the first"
    with np.load(tmp_path / "pictures.npz", allow_pickle=False) as kept:
        assert np.array_equal(kept["sources"], picture[None])


def test_the_command_that_draws_them_is_kept(tmp_path):
    grid = ImageGrid(tmp_path, made_by="python -m plantedu x")
    grid.finish(flat(1, 4), (("X1", np.full((3, 8, 8), 7, np.uint8)),))
    with np.load(tmp_path / "pictures.npz", allow_pickle=False) as kept:
        assert str(kept["made_by"]) == "python -m plantedu x"


def test_one_picture_a_camera_stands_for_what_was_represented():
    """Another plant at the end of an interpolation is no second camera; an attack replaces X1."""
    one, two, other = (np.full((3, 8, 8), grey, np.uint8) for grey in (1, 2, 3))
    assert by_camera([("X1", one), ("X2", two)], side=8)[:, 0, 0, 0].tolist() == [1, 2]
    assert by_camera([("X1", one), ("plant 77", other)], side=8)[:, 0, 0, 0].tolist() == [1]
    assert by_camera([("X1", one), ("X1, attacked", other)], side=8)[:, 0, 0, 0].tolist() == [3]
    pairs = [("X1", one), ("X2", two), ("plant 7, X2", other)]
    assert by_camera(pairs, side=8)[:, 0, 0, 0].tolist() == [1, 2, 3]
    assert by_camera([("X2", two)], side=8)[:, 0, 0, 0].tolist() == [2]
    assert by_camera([("noise", other)], side=8)[:, 0, 0, 0].tolist() == [3]
    assert by_camera([], side=8).shape == (0, 3, 8, 8)
