"""What is asked for, in words: labels name the knob that was used."""

import json

import pytest

from plantedu.course.family import read_results
from plantedu.errors import PlantEduError
from plantedu.shipped_files import results
from plantedu.topics.attribution.results.attribute import AttributeResult, Settings


@pytest.mark.parametrize(
    ("knobs", "label"),
    [
        ({"method": "gradcam", "layer": "layer4"}, "Grad-CAM at layer4"),
        ({"method": "gradcam"}, "Grad-CAM at layer2"),
        ({"reference": "black"}, "integrated gradients from black"),
        ({"method": "occlusion", "reference": "mean"}, "occlusion by mean"),
        ({"method": "gxi", "reference": "mean"}, "gradient x input"),
    ],
)
def test_the_label_names_the_layer_and_the_reference(knobs, label):
    """Grad-CAM at layer4 was titled layer2, in chart, csv and command."""
    asked = Settings(**knobs)
    assert asked.label == label
    assert asked.row(asked.method) == label
    assert asked.row("edges") == "edge map"


def test_the_command_makes_the_same_request():
    assert Settings().command == "python -m plantedu attribution attribute"
    asked = Settings(method="gradcam", layer="layer4", plants=8)
    words = "python -m plantedu attribution attribute --method gradcam --layer layer4 --plants 8"
    assert asked.command == words


@pytest.mark.parametrize(
    ("knobs", "said"),
    [
        ({"network": "vgg"}, "network is one of lesions-0"),
        ({"method": "lime"}, "method is one of gxi"),
        ({"reference": "white"}, "black, blur, mean; got 'white'"),
        ({"plants": 0}, "plants must be from 1"),
        ({"steps": 0}, "steps must be from 1"),
        ({"output": -2}, "output must be -1"),
    ],
)
def test_mistakes_are_sentences(knobs, said):
    with pytest.raises(PlantEduError, match=said):
        Settings(**knobs)


def test_the_recorded_result_is_read_by_the_class_that_wrote_it():
    found = read_results(results(), "09_attribute")
    found.pop("command")
    read = AttributeResult.from_json(found)
    assert json.loads(json.dumps(read.as_json())) == found
    assert "dashed: the best baseline" in read.chart().alt
