"""Pairs: the same bytes always, and `do` that changes one thing and keeps everything else."""

import hashlib

import numpy as np
import pytest

from plantedu.data.renderer.factors import COLUMNS, FACTORS
from plantedu.data.renderer.pairs import render
from plantedu.data.renderer.worlds import RENDERER, World, world
from plantedu.errors import PlantEduError

CLEAN = World("clean", fixed=(("jpeg_quality", 100), ("noise", 0.5), ("mark", "absent")))
SICK = World("sick", fixed=(*CLEAN.fixed, ("disease", "brown")))
PLANTS = np.arange(4)


@pytest.fixture(scope="module")
def sick():
    return render(SICK, PLANTS, size=64)


def _sha(pairs):
    return hashlib.sha256(pairs.x1.tobytes() + pairs.x2.tobytes()).hexdigest()[:16]


def _same(a, b):
    views = ("x1", "x2", "leaf1", "leaf2", "lesions1", "lesions2")
    return all((getattr(a, v) == getattr(b, v)).all() for v in views)


def test_golden_bytes():
    """A change of these is a change of the renderer: raise RENDERER, then note the new ones."""
    assert RENDERER == 2
    field = world("field")
    assert _sha(render(field, range(6), size=32, do={"jpeg_quality": 100})) == "837a4fa85b1f20ab"
    assert _sha(render(field, range(6), size=32)) == "558da8fd511b66c8"  # and through Pillow's JPEG


def test_a_plant_does_not_depend_on_the_others():
    field = world("field")
    many = render(field, np.arange(70), size=16)  # more than are coloured at once
    some = render(field, [69, 3, 64, 3], size=16)
    assert _same(many[[69, 3, 64, 3]], some)
    assert some.plants == ("field-0-000069", "field-0-000003", "field-0-000064", "field-0-000003")
    assert len(render(field, [], size=16)) == 0


def test_positions_masks_and_single_pairs(sick):
    assert len(sick) == 4
    assert sick[2].plants == (sick.plants[2],)
    assert _same(sick[1:3], sick[np.array([False, True, True, False])])
    assert sick[-1].factors["angle"] == sick.factors["angle"][-1]


def _other(f):
    """A value that no plant of SICK has."""
    return f.levels[1] if f.kind == "category" else f.low + 0.5 * (f.high - f.low)


@pytest.mark.parametrize("column", COLUMNS)
def test_each_sensor_sees_what_the_table_says(sick, column):
    f = COLUMNS[column]
    value = 70 if f.name == "jpeg_quality" else 8 if f.whole else _other(f)
    done = render(SICK, PLANTS, size=64, do={column: value})
    ending = column.rpartition("_")[2]
    expected = {ending} if f.role == "per_sensor" else set(f.sees)
    moved = {
        s for s, a, b in (("rgb", sick.x1, done.x1), ("rgn", sick.x2, done.x2)) if (a != b).any()
    }
    assert moved == expected
    kept = [c for c in COLUMNS if c != column]
    assert all((done.factors[c] == sick.factors[c]).all() for c in kept)


def test_do_with_the_value_it_has_changes_nothing(sick):
    one = sick[1]
    for f in FACTORS:
        for column in f.columns:
            code = one.factors[column][0]
            value = f.levels[code] if f.kind == "category" else code
            assert _same(one, render(SICK, [1], size=64, do={column: value})), column


def test_do_on_soil_leaves_the_leaf_alone(sick):
    done = render(SICK, PLANTS, size=64, do={"soil": 0.9})
    for x, x_done, leaf in ((sick.x1, done.x1, sick.leaf1), (sick.x2, done.x2, sick.leaf2)):
        inside = leaf.copy()  # pixels whose neighbours are leaf too
        for axis in (1, 2):
            inside &= np.roll(leaf, 1, axis) & np.roll(leaf, -1, axis)
        assert (x == x_done).all(axis=1)[inside].all()
        assert (x != x_done).any(axis=1)[~leaf].mean() > 0.7


@pytest.mark.parametrize(
    "do", [{"severity": 0.95}, {"lesion_count": 5}, {"disease": "healthy"}, {"chlorophyll": 50}]
)
def test_do_on_the_leaf_leaves_the_soil_alone(sick, do):
    done = render(SICK, PLANTS, size=64, do=do)
    bare = ~(sick.leaf1 | np.roll(sick.leaf1, 1, 1) | np.roll(sick.leaf1, -1, 1))
    bare &= ~(np.roll(sick.leaf1, 1, 2) | np.roll(sick.leaf1, -1, 2))
    assert (sick.x1 == done.x1).all(axis=1)[bare].all()
    assert (sick.leaf1 == done.leaf1).all()


def test_fewer_lesions_keep_the_rest_of_the_leaf(sick):
    few = render(SICK, PLANTS, size=64, do={"lesion_count": 4})
    many = render(SICK, PLANTS, size=64, do={"lesion_count": 12})
    assert (few.lesions1 <= many.lesions1).all()
    assert few.lesions1.sum() < many.lesions1.sum()
    both = few.lesions1 & many.lesions1
    assert (few.x1 == many.x1).all(axis=1)[both].mean() > 0.9


@pytest.mark.parametrize("level", np.linspace(0, 1, 5))
def test_private_cues_move_no_byte_of_the_other_sensor(sick, level):
    bloom, mesophyll = (next(f for f in FACTORS if f.name == n) for n in ("bloom", "mesophyll"))
    do = {f.name: f.low + level * (f.high - f.low) for f in (bloom, mesophyll)}
    assert (render(SICK, PLANTS, do={"bloom": do["bloom"]}).x2 == sick.x2).all()
    assert (render(SICK, PLANTS, do={"mesophyll": do["mesophyll"]}).x1 == sick.x1).all()


def test_private_cues_are_plain_in_their_own_sensor():
    def mean(do, sensor, band):
        pairs = render(CLEAN, PLANTS, do={"disease": "healthy", **do})
        x, leaf = (pairs.x1, pairs.leaf1) if sensor == "rgb" else (pairs.x2, pairs.leaf2)
        return x[:, band][leaf].mean()

    assert mean({"bloom": 1.0}, "rgb", 2) - mean({"bloom": 0.0}, "rgb", 2) > 20
    assert mean({"mesophyll": 2.5}, "rgn", 2) - mean({"mesophyll": 1.1}, "rgn", 2) > 15


def test_masks():
    pairs = render(world("field"), np.arange(60))
    healthy = pairs.factors["disease"] == 0
    for leaf, dead in ((pairs.leaf1, pairs.lesions1), (pairs.leaf2, pairs.lesions2)):
        assert (dead <= leaf).all()
        assert not dead[healthy].any()
        assert dead[~healthy].any(axis=(1, 2)).all()
        assert leaf.mean(axis=(1, 2)).min() > 0.4


def test_on_a_healthy_leaf_lesions_are_without_effect():
    well = render(world("field"), PLANTS, do={"disease": "healthy"})
    for do in ({"severity": 1.0}, {"lesion_count": 12}, {"lesion_size": 3.5}):
        assert _same(well, render(world("field"), PLANTS, do={"disease": "healthy", **do}))


def test_small_and_large_pictures_show_the_same_scene():
    small, large = (render(CLEAN, PLANTS, size=s).x1.astype(float) for s in (32, 128))
    shrunk = large.reshape(4, 3, 32, 4, 32, 4).mean(axis=(3, 5))
    for a, b in zip(small, shrunk, strict=True):
        assert np.corrcoef(a.ravel(), b.ravel())[0, 1] > 0.85


@pytest.mark.parametrize(
    ("knobs", "words"),
    [
        ({"size": 8}, "16 to 512 pixels a side; got 8"),
        ({"size": 4096}, "16 to 512"),
        ({"do": {"colour": 1}}, "No factor is called 'colour'"),
        ({"do": {"severity": 2}}, "severity goes from 0 to 1; got 2"),
        ({"do": {"disease": "rust"}}, "healthy, blast, brown"),
    ],
)
def test_what_cannot_be_rendered_is_refused(knobs, words):
    with pytest.raises(PlantEduError, match=words):
        render(world("field"), [0], **knobs)


def test_negative_plants_are_refused():
    with pytest.raises(PlantEduError, match="whole numbers >= 0"):
        render(world("field"), [-3])
