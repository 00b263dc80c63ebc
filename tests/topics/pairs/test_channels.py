"""The mean of what was fed tells which camera a view comes from."""

import json

import numpy as np
import pytest

from plantedu.__main__ import main
from plantedu.data.renderer.worlds import world
from plantedu.errors import PlantEduError
from plantedu.topics.pairs.channels import PIPES, cropped, feed

FIELD = world("field")


@pytest.fixture(scope="module", params=list(PIPES))
def result(request):
    return feed(FIELD, request.param, plants=16, size=32)


def test_the_pipe_is_found_out(result):
    assert result.second_sensor_seen == (result.pipe == "cross")
    assert result.evidence.value == pytest.approx(result.evidence.truth, abs=0.25)
    assert result.evidence.null == pytest.approx(0, abs=0.25)


def test_windows_are_cut_from_the_picture():
    images = np.arange(2 * 3 * 16 * 16).reshape(2, 3, 16, 16)
    windows = cropped(images, np.random.default_rng(0))
    assert windows.shape == (2, 3, 12, 12)
    assert set(windows[0].ravel()) <= set(images[0].ravel())


def test_both_means_are_drawn_and_said(result):
    drawing = result.chart()
    assert (drawing.rows["kind"] == "mean").sum() == 2
    assert f"{result.means[0]:.0f}" in drawing.alt


def test_bad_input_is_a_sentence():
    with pytest.raises(PlantEduError, match="No pipe is called 'garden'"):
        feed(FIELD, "garden")


def test_command(capsys):
    assert main(["pipe", "--plants", "8", "--size", "24", "--json"]) == 0
    said = capsys.readouterr().out.strip().splitlines()
    assert "the encoder sees X1 alone" in said[0]
    found = json.loads(said[-1])
    assert set(found["cross"]) >= {"value", "null", "n", "seeds", "interval"}
