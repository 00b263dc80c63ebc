"""What is asked for, in words: labels name the knob that was used."""

import pytest

from plantedu.topics.attribution.request import Settings


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
