"""Worlds: ranges, sharing, the decoy's correlation, and independence of company."""

import numpy as np
import pytest

from plantedu.data.renderer.factors import COLUMNS
from plantedu.data.renderer.worlds import (
    WORLDS,
    World,
    draw_factors,
    plant_id,
    plant_indices,
    world,
    world_hash,
)
from plantedu.errors import PlantEduError

MANY = np.arange(6000)


def test_every_column_fills_its_range():
    table = draw_factors(world("field"), MANY)
    assert table.keys() == COLUMNS.keys()
    for name, column in table.items():
        f = COLUMNS[name]
        assert f.low <= column.min() < f.low + 0.01 * (f.high - f.low) + 1e-9, name
        assert f.high >= column.max() > f.high - 0.01 * (f.high - f.low) - 1e-9, name
        assert column.dtype == (np.int64 if f.kind == "category" else np.float64)
    shares = np.bincount(table["disease"]) / len(MANY)
    np.testing.assert_allclose(shares, 1 / 3, atol=0.03)


def test_factors_are_independent_in_the_field():
    table = draw_factors(world("field"), MANY)
    off = np.corrcoef(np.stack(list(table.values())))[~np.eye(len(table), dtype=bool)]
    assert np.abs(off).max() < 4.5 / np.sqrt(len(MANY))


def test_a_plant_does_not_depend_on_the_others():
    alone, among = draw_factors(world("field"), [1234]), draw_factors(world("field"), MANY)
    assert all(alone[name][0] == among[name][1234] for name in COLUMNS)


def test_another_seed_is_another_population():
    a, b = (draw_factors(world("field", seed), MANY)["angle"] for seed in (0, 1))
    assert abs(np.corrcoef(a, b)[0, 1]) < 0.06


def test_sharing_changes_the_shared_columns_of_the_second_sensor_alone():
    field, shared = (draw_factors(world(name), MANY) for name in ("field", "shared_light"))
    changed = {name for name in COLUMNS if (field[name] != shared[name]).any()}
    names = ("light", "warmth", "vignetting", "noise", "soil")
    assert changed == {f"{name}_rgn" for name in names}
    for name in names:
        np.testing.assert_array_equal(shared[f"{name}_rgb"], shared[f"{name}_rgn"])


@pytest.mark.parametrize("strength", [0.0, 0.5, 1.0])
def test_the_mark_correlates_with_disease_as_asked(strength):
    table = draw_factors(World(decoy_strength=strength), MANY)
    got = np.corrcoef(table["mark"], table["disease"] > 0)[0, 1]
    assert got == pytest.approx(strength, abs=0.04)
    assert table["mark"].mean() == pytest.approx(2 / 3, abs=0.03)


def test_fixed_and_narrowed_factors():
    w = World(fixed=(("disease", "blast"), ("light_rgb", 1.0)), ranges=(("soil", 0.4, 0.5),))
    table = draw_factors(w, MANY)
    assert set(table["disease"]) == {1}
    assert set(table["light_rgb"]) == {1.0}
    assert len(set(table["light_rgn"])) == len(MANY)
    assert table["soil_rgn"].min() >= 0.4
    assert table["soil_rgn"].max() <= 0.5


def test_hash_tells_worlds_apart_and_ids_name_plants():
    worlds = [*WORLDS.values(), world("field", 1), World(decoy_strength=0.1)]
    assert len({world_hash(w) for w in worlds}) == len(worlds)
    assert world_hash(world("field")) == world_hash(World())
    assert plant_id(world("field", 3), 123) == "field-3-000123"


@pytest.mark.parametrize(
    ("knobs", "words"),
    [
        ({"name": "my world"}, "letters, digits"),
        ({"seed": -1}, "whole number >= 0; got -1"),
        ({"fixed": (("disease", "rust"),)}, "healthy, blast, brown"),
        ({"fixed": (("colour", 1),)}, "No factor is called 'colour'"),
        ({"ranges": (("light", 1.2, 0.9),)}, "low <= high; got 1.2, 0.9"),
        ({"ranges": (("light", 0.1, 0.9),)}, "light goes from 0.55 to 1.6"),
        ({"shared": ("angle",)}, "Sensors can share light"),
        ({"shared": ("light_rgb",)}, "Sensors can share light"),
        ({"decoy_strength": 1.2}, "between 0 and 1; got 1.2"),
    ],
)
def test_impossible_worlds_are_refused(knobs, words):
    with pytest.raises(PlantEduError, match=words):
        World(**knobs)


def test_an_unknown_world_names_those_that_are():
    with pytest.raises(PlantEduError, match=r"'mars'.*field, shared_light, decoy, calm"):
        world("mars")


@pytest.mark.parametrize("indices", [[-1], [0.5], [[1, 2]], ["a"]])
def test_indices_are_whole_numbers(indices):
    with pytest.raises(PlantEduError, match="whole numbers >= 0"):
        plant_indices(indices)
