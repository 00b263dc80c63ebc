"""The easel: the same noise for every condition, samples kept and read back, refusals."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from plantedu.data.evaluation_set import FIRST_HELD_OUT
from plantedu.errors import PlantEduError
from plantedu.topics.generation.conditional_samples import HELD_OUT, Easel, progress
from plantedu.topics.generation.denoisers import FOLDER
from plantedu.topics.generation.results.conditioning import Told
from tests.topics.generation.painted import painter

ONE, PAIR = Told(sensors=("rgb",)), Told()


@pytest.fixture(scope="module")
def easel(tmp_path_factory):
    folder = painter()
    path = folder / FOLDER / "tiny.safetensors"
    return Easel(path, folder / "bank", tmp_path_factory.mktemp("samples"), steps=2)


def test_samples_are_pairs_for_every_plant_and_kept_on_disk(easel):
    plants = easel.gallery[:8]
    drawn = easel.draw(ONE, plants, samples=3)
    assert drawn.shape == (8, 3, 6, 16, 16)
    assert 0 <= float(drawn.min()) <= float(drawn.max()) <= 1
    (file,) = easel.folder.glob("*.npz")
    said = []
    again = Easel(
        easel.path, easel.bank_folder, easel.folder, steps=2, tell=lambda *a: said.append(a)
    )
    assert torch.equal(again.draw(ONE, plants, samples=3), drawn)
    assert said == []  # read, not drawn
    file.write_bytes(file.read_bytes()[:40])
    assert torch.equal(again.draw(ONE, plants, samples=3), drawn)
    assert said  # drawn again, the file was cut short


def test_the_same_seed_gives_the_same_noise_and_another_one_other_noise(easel):
    plants = easel.gallery[:8]
    one = easel.draw(PAIR, plants, samples=2)
    other = Easel(easel.path, easel.bank_folder, steps=2, seed=1).draw(PAIR, plants, samples=2)
    assert not torch.equal(one, other)
    assert torch.equal(easel.again(sampler="euler", steps=2).draw(PAIR, plants, samples=2), one)
    assert not torch.equal(easel.again(sampler="euler", steps=4).draw(PAIR, plants, samples=2), one)
    assert easel.free(5).shape == (5, 6, 16, 16)


def test_do_sets_a_factor_in_both_pictures_that_are_told(easel):
    plants = easel.gallery[:8]
    plain = easel.draw(PAIR, plants, samples=2)
    assert not torch.equal(easel.draw(PAIR, plants, samples=2, do={"mark": "present"}), plain)
    blind = easel.draw(ONE, plants, samples=2, do={"mesophyll": 1.5, "soil_rgn": 0.5})
    assert torch.equal(blind, easel.draw(ONE, plants, samples=2)), "X1 cannot hold them: exactly 0"
    with pytest.raises(PlantEduError, match="one set of plants"):
        easel.draw(PAIR, plants, plants[::-1], samples=2, do={"mark": "present"})


def test_what_is_told_is_x1_of_the_first_plant_and_x2_of_the_second(easel):
    a, b = easel.gallery[:8], easel.gallery[8:16]
    given = easel.given(PAIR, a, b)
    assert set(given) == {"cross-0/h/rgb", "cross-0/h/rgn"}
    assert torch.equal(given["cross-0/h/rgb"], easel.given(PAIR, a)["cross-0/h/rgb"])
    assert torch.equal(given["cross-0/h/rgn"], easel.given(PAIR, b)["cross-0/h/rgn"])
    assert set(easel.given(ONE, a)) == {"cross-0/h/rgb"}
    phi = easel.phi(PAIR)(*easel.bank.take(a))
    assert phi.shape == (8, 1024)
    assert PAIR.name == "cross-0 h of rgb and rgn"


def test_plants_are_those_that_nobody_has_seen(easel):
    assert easel.gallery.tolist() == list(range(FIRST_HELD_OUT, FIRST_HELD_OUT + HELD_OUT))
    assert np.array_equal(easel.sources(20)[:8], easel.sources(8))
    with pytest.raises(PlantEduError, match="got 3"):
        easel.sources(3)
    with pytest.raises(PlantEduError, match="was not trained with small-0 h of rgb"):
        easel.draw(Told("small-0", sensors=("rgb",)), easel.gallery[:8], samples=2)


def test_settings_of_a_command_open_it(easel, tmp_path, capsys):
    how = SimpleNamespace(steps=3, sampler="heun", seed=5)
    found = Easel.at(tmp_path, how, path=easel.path)
    assert (found.steps, found.sampler, found.seed) == (3, "heun", 5)
    assert found.folder == tmp_path / "samples"
    progress("cross-0", 0.5)
    assert "cross-0: 50% drawn" in capsys.readouterr().err
