"""The sampler: the same noise for every condition, samples kept and read back, refusals."""

import errno
import os
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from plantedu.data.evaluation_set import FIRST_HELD_OUT
from plantedu.errors import PlantEduError
from plantedu.topics.generation.conditional_samples import HELD_OUT, ConditionalSampler, progress
from plantedu.topics.generation.denoisers import FOLDER
from plantedu.topics.generation.results.conditioning import Conditioning
from tests.topics.generation.painted import TINY, painter

ONE, PAIR = Conditioning(sensors=("rgb",)), Conditioning()


@pytest.fixture(scope="module")
def sampler(tmp_path_factory):
    folder = painter()
    path = folder / FOLDER / "tiny.safetensors"
    return ConditionalSampler(path, folder / "bank", tmp_path_factory.mktemp("samples"), steps=2)


def test_samples_are_pairs_for_every_plant_and_kept_on_disk(sampler):
    plants = sampler.gallery[:8]
    drawn = sampler.draw(ONE, plants, samples=3)
    assert drawn.shape == (8, 3, 6, 16, 16)
    assert 0 <= float(drawn.min()) <= float(drawn.max()) <= 1
    (file,) = sampler.folder.glob("*.npz")
    said = []
    again = ConditionalSampler(
        sampler.path, sampler.bank_folder, sampler.folder, steps=2, tell=lambda *a: said.append(a)
    )
    assert torch.equal(again.draw(ONE, plants, samples=3), drawn)
    assert said == []  # read, not drawn
    file.write_bytes(file.read_bytes()[:40])
    assert torch.equal(again.draw(ONE, plants, samples=3), drawn)
    assert said  # drawn again, the file was cut short


def test_a_full_disk_loses_no_sample(sampler, tmp_path, monkeypatch, capsys):
    plants = sampler.gallery[:8]
    drawn = sampler.draw(ONE, plants, samples=2)

    def full(*_):
        raise OSError(errno.ENOSPC, "full")

    elsewhere = ConditionalSampler(sampler.path, sampler.bank_folder, tmp_path, steps=2)
    monkeypatch.setattr(os, "replace", full)
    assert torch.equal(elsewhere.draw(ONE, plants, samples=2), drawn)
    assert "not kept" in capsys.readouterr().err


def test_the_same_seed_gives_the_same_noise_and_another_one_other_noise(sampler):
    plants = sampler.gallery[:8]
    one = sampler.draw(PAIR, plants, samples=2)
    other = ConditionalSampler(sampler.path, sampler.bank_folder, steps=2, seed=1).draw(
        PAIR, plants, samples=2
    )
    assert not torch.equal(one, other)
    assert torch.equal(sampler.again(sampler="euler", steps=2).draw(PAIR, plants, samples=2), one)
    assert not torch.equal(
        sampler.again(sampler="euler", steps=4).draw(PAIR, plants, samples=2), one
    )
    assert sampler.free(5).shape == (5, 6, 16, 16)


def test_do_sets_a_factor_in_both_pictures_that_are_told(sampler):
    plants = sampler.gallery[:8]
    plain = sampler.draw(PAIR, plants, samples=2)
    assert not torch.equal(sampler.draw(PAIR, plants, samples=2, do={"mark": "present"}), plain)
    blind = sampler.draw(ONE, plants, samples=2, do={"mesophyll": 1.5, "soil_rgn": 0.5})
    assert torch.equal(blind, sampler.draw(ONE, plants, samples=2)), (
        "X1 cannot hold them: exactly 0"
    )
    with pytest.raises(PlantEduError, match="one set of plants"):
        sampler.draw(PAIR, plants, plants[::-1], samples=2, do={"mark": "present"})


def test_what_is_told_is_x1_of_the_first_plant_and_x2_of_the_second(sampler):
    a, b = sampler.gallery[:8], sampler.gallery[8:16]
    given = sampler.given(PAIR, a, b)
    assert set(given) == {"cross-0/h/rgb", "cross-0/h/rgn"}
    assert torch.equal(given["cross-0/h/rgb"], sampler.given(PAIR, a)["cross-0/h/rgb"])
    assert torch.equal(given["cross-0/h/rgn"], sampler.given(PAIR, b)["cross-0/h/rgn"])
    assert set(sampler.given(ONE, a)) == {"cross-0/h/rgb"}
    phi = sampler.phi(PAIR)(*sampler.bank.take(a))
    assert phi.shape == (8, 2 * TINY.parts)
    assert PAIR.name == "cross-0 h of rgb and rgn"


def test_plants_are_those_that_nobody_has_seen(sampler):
    assert sampler.gallery.tolist() == list(range(FIRST_HELD_OUT, FIRST_HELD_OUT + HELD_OUT))
    assert np.array_equal(sampler.sources(20)[:8], sampler.sources(8))
    with pytest.raises(PlantEduError, match="got 3"):
        sampler.sources(3)
    with pytest.raises(PlantEduError, match="was not trained with small-0 h of rgb"):
        sampler.draw(Conditioning("small-0", sensors=("rgb",)), sampler.gallery[:8], samples=2)


def test_settings_of_a_command_open_it(sampler, tmp_path, capsys):
    how = SimpleNamespace(steps=3, sampler="heun", seed=5)
    found = ConditionalSampler.at(tmp_path, how, path=sampler.path)
    assert (found.steps, found.sampler, found.seed) == (3, "heun", 5)
    assert found.folder == tmp_path / "samples"
    progress("cross-0", 0.5)
    assert "cross-0: 50% drawn" in capsys.readouterr().err
