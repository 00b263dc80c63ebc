"""`examine`: sections are kept, one that fails does not stop the others, bad input is refused."""

import numpy as np
import pytest
from torch import nn

from plantedu.errors import PlantEduError
from plantedu.own import examine as door
from plantedu.own.examination.copies import copies
from plantedu.own.examination.report import verified
from plantedu.own.images import images
from plantedu.own.model import model


def network():
    return nn.Sequential(nn.Conv2d(3, 8, 5, 2), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten())


def pictures(count=20):
    x = np.random.default_rng(0).integers(0, 256, (count, 3, 32, 32), dtype=np.uint8)
    return images(x, size=32, labels=np.arange(count) % 2)


def failing(asked):
    raise PlantEduError("nothing is there.")


def test_sections_are_kept_and_a_failing_one_is_told(tmp_path, monkeypatch):
    calls = []

    def counted(asked):
        calls.append(1)
        return copies(asked)

    monkeypatch.setattr(
        door, "SECTIONS", (("copies", "Copies?", counted), ("maps", "Maps?", failing))
    )
    me, steps = model(network(), size=32), []
    first, again = (
        door.examine(me, pictures(), keep=tmp_path / "k", progress=steps.append) for _ in range(2)
    )
    assert first == again
    assert calls == [1]
    assert first["maps"].missing == "nothing is there."
    assert steps[0].startswith("About")
    assert verified(first.save(tmp_path / "r.html"))
    door.examine(me, pictures(), keep=tmp_path / "k", seed=1)
    assert calls == [1, 1]
    monkeypatch.setattr(door, "package_versions", lambda: {"torch": "0.0"})
    door.examine(me, pictures(), keep=tmp_path / "k")
    assert calls == [1, 1, 1], "what another torch has computed is not taken over"


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (lambda: images(np.asarray(pictures().pictures), size=32), "labels"),
        (lambda: images(np.asarray(pictures().pictures), size=32, labels=[0] * 20), "two classes"),
        (lambda: pictures(4), "16 pictures"),
        (
            lambda: images(np.full((20, 3, 32, 32), 7, np.uint8), size=32, labels=[0, 1] * 10),
            "the same",
        ),
    ],
)
def test_bad_pictures_are_refused(tmp_path, data, says):
    with pytest.raises(PlantEduError, match=says):
        door.examine(model(network(), size=32), data(), keep=tmp_path)
