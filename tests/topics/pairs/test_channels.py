"""The mean of what was fed tells which camera a view comes from."""

import json

import numpy as np
import pytest

from plantedu.__main__ import main
from plantedu.data.renderer.pairs import render
from plantedu.data.renderer.worlds import world
from plantedu.errors import PlantEduError
from plantedu.topics.pairs.channels import FEEDS, channels, cropped, feed
from plantedu.topics.pairs.results.channels import PIPES, Settings


@pytest.fixture(scope="module")
def found():
    return channels(Settings(plants=16, size=32))


@pytest.fixture(params=list(FEEDS))
def result(request, found):
    return found.of(request.param)


def test_the_pipe_is_found_out(result):
    assert result.second_sensor_seen == (result.pipe == "cross")
    assert result.evidence.value == pytest.approx(result.evidence.truth, abs=0.25)
    assert result.evidence.null == pytest.approx(0, abs=0.25)


def test_every_pipe_has_its_place_in_the_result():
    assert tuple(FEEDS) == PIPES


def test_windows_are_cut_from_the_picture():
    images = np.arange(2 * 3 * 16 * 16).reshape(2, 3, 16, 16)
    windows = cropped(images, np.random.default_rng(0))
    assert windows.shape == (2, 3, 12, 12)
    assert set(windows[0].ravel()) <= set(images[0].ravel())


def test_bad_input_is_a_sentence():
    with pytest.raises(PlantEduError, match="No pipe is called 'garden'"):
        feed(render(world("field"), range(2), size=16), "garden")


def test_command(capsys):
    assert main(["pipe", "--plants", "8", "--size", "24", "--json"]) == 0
    said = capsys.readouterr().out.strip().splitlines()
    assert "the encoder sees X1 alone" in said[0]
    found = json.loads(said[-1])
    assert set(found["cross"]) >= {"value", "null", "n", "seeds", "interval"}
