"""Maps of one's own model: captum's numbers, beside edges and random weights."""

import numpy as np
import pytest
import torch
from captum import attr

from plantedu.errors import PlantEduError
from plantedu.own.attribute import attribute


def test_maps_are_captums_own(trained, own_images):
    found = attribute(trained, own_images[:4], "gxi", output=1)

    def lead(x):
        logits = trained.differentiable_logits(x)
        return logits - logits.flip(1)

    x = (torch.tensor(own_images.pictures[:4]).float() / 255).requires_grad_()
    wanted = attr.InputXGradient(lead).attribute(x, target=1).sum(1).detach().double()
    assert np.allclose(found.signed[0], wanted, atol=1e-5)
    assert found.outputs == ("spot",) * 4


@pytest.mark.parametrize("name", ["gradcam", "ig", "occlusion", "guided", "smoothgrad", "gradshap"])
def test_every_method_takes_one_camera(trained, own_images, name):
    found = attribute(trained, own_images[:4], name)
    assert found.relevance.shape == (1, 4, 32, 32)
    assert [what for what, _ in found.lines] == [
        "deletion, area",
        "like random weights",
        "like edge map",
    ]
    assert all(one.n >= 2 for _, one in found.lines)


def test_maps_find_the_planted_spot(trained, own_images):
    spots = own_images[own_images.labels == 1][:6]
    found = attribute(trained, spots, "occlusion", window=8, stride=4)
    inside = np.zeros((32, 32), bool)
    inside[10:22, 10:22] = True
    mass = found.relevance[0][:, inside].sum(1) / found.relevance[0].sum((1, 2))
    assert float(mass.mean()) > 1.3 * inside.mean()


def test_a_figure_holds_its_pictures(trained, own_images, tmp_path):
    found = attribute(trained, own_images[:3], "gxi")
    svg = found.save(tmp_path / "maps.svg").read_text()
    assert svg.count("data:image/png;base64") >= 3 * 4
    assert "random weights" in found.chart().alt
    assert found.numbers_chart().alt


def test_what_cannot_be_explained_is_a_sentence(trained, own_images):
    for words, said in (
        ({"name": "magic"}, "No method"),
        ({"output": 7}, "no output 7"),
        ({"name": "gradcam", "layer": "layer4"}, "no layer 'layer4'"),
    ):
        with pytest.raises(PlantEduError, match=said):
            attribute(trained, own_images[:3], **words)
    with pytest.raises(PlantEduError, match="2 pictures or more"):
        attribute(trained, own_images[:1])
    flat = np.repeat(np.array([90, 91, 92], np.uint8), 3 * 32 * 32).reshape(3, 3, 32, 32)
    with pytest.raises(PlantEduError, match="nothing can be deleted"):
        attribute(trained, flat, "gxi")


def test_without_a_null_the_same_maps_alone(trained, own_images, tmp_path):
    bare = attribute(trained, own_images[:4], "gradcam", null=False)
    whole = attribute(trained, own_images[:4], "gradcam")
    assert (bare.relevance == whole.relevance).all()
    assert (bare.lines, bare.beside, bare.bare) == ((), {}, {})
    assert "Note: No null was computed" in repr(bare)
    assert bare._repr_mimebundle_() == {"text/plain": repr(bare)}
    with pytest.raises(PlantEduError, match="No null was computed"):
        bare.numbers_chart()
    assert "No null was computed" in bare.chart().alt
    assert bare.save(tmp_path / "maps.svg").stat().st_size > 1000
