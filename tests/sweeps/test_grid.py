import json

import pytest

from plantedu.errors import PlantEduError
from plantedu.store.data_hash import data_hash
from plantedu.sweeps.grid import MOST_ROWS, Grid, checked, read_grid, rows_of, settings_in_words
from plantedu.training.recipe import Recipe


def test_rows_are_the_product_of_the_grid_and_the_seeds():
    grid = Grid(
        base={"data": "calm", "steps": 9},
        grid={"image_size, crop_size": [[24, 16], [32, 24]], "epsilon": [0.02, 0.03]},
        seeds=[0, 5],
        name="mine",
    )
    rows = rows_of(checked(grid))
    slow = [
        (size, crop, epsilon, seed)
        for size, crop in ((24, 16), (32, 24))
        for epsilon in (0.02, 0.03)
        for seed in (0, 5)
    ]
    knobs = ("image_size", "crop_size", "epsilon", "seed")
    assert [tuple(row.settings[k] for k in knobs) for row in rows] == slow
    assert [tuple(row.request[k] for k in knobs) for row in rows] == slow
    assert rows[0].name == "mine: image_size=24, crop_size=16, epsilon=0.02, seed=0"
    assert {row.request["steps"] for row in rows} == {9}
    assert len({row.key for row in rows}) == len(rows)


def test_a_row_asks_for_the_same_run_as_the_page_and_the_train_command(store):
    (row,) = rows_of(checked(Grid(base={"steps": 9})))
    request = Recipe(steps=9).as_json()
    run_id = store.submit("train", request, lane="training", data_hash=data_hash(request))
    assert store.run(run_id).key == row.key
    assert row.name == "sweep"


WRONG = [
    ({"kind": "dream"}, "kind is one of train, finetune; got 'dream'"),
    ({"bass": {}}, r"has \['bass'\]; a grid has about, base"),
    ({"base": {"stepps": 3}}, r"no knob \['stepps'\]"),
    ({"grid": {"stepps": [3]}}, r"no knob \['stepps'\]"),
    ({"grid": {"steps": []}}, "'steps' needs a list of at least one value"),
    ({"grid": {"steps": 5}}, "'steps' needs a list of at least one value; got 5"),
    ({"grid": [1]}, "'grid' must be a dict"),
    ({"seeds": 3}, "'seeds' must be a list"),
    ({"base": {"seed": 1}, "seeds": [1, 2]}, "seed is set more than once"),
    ({"base": {"steps": 1}, "grid": {"steps, batch": [[1, 8]]}}, "steps is set more than once"),
    ({"grid": {"steps, batch": [[1, 8], 2]}}, "'steps, batch' is a list of 2; got 2"),
    ({"grid": {"steps": [5, 5]}}, "same run: steps=5 and steps=5"),
    ({"seeds": [1, 1]}, "same run: seed=1 and seed=1"),
    ({"grid": {"steps": [10] * 101, "seed": [1] * 100}}, "10100 rows; a sweep takes 10000"),
    ({"grid": {"encoder": [3, "res2next_tiny"]}}, "encoder=3: encoder must be a word, got 3"),
    ({"base": {"data": "moon"}}, "moon"),
]


@pytest.mark.parametrize(("words", "sentence"), WRONG)
def test_what_is_no_grid_is_a_sentence(tmp_path, words, sentence):
    path = tmp_path / "grid.json"
    path.write_text(json.dumps(words))
    with pytest.raises(PlantEduError, match=sentence):
        rows_of(read_grid(path))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{", "is no JSON"),
        ("[]", "must be one JSON object"),
        ('{"grid": {"steps": [1], "steps": [2]}}', "steps stands twice"),
    ],
)
def test_what_is_no_json_object_is_a_sentence(tmp_path, text, sentence):
    path = tmp_path / "grid.json"
    path.write_text(text)
    with pytest.raises(PlantEduError, match=sentence):
        read_grid(path)
    with pytest.raises(PlantEduError, match="cannot be read"):
        read_grid(tmp_path / "none.json")


def test_impossible_combinations_are_all_named_with_their_knobs():
    grid = Grid(grid={"pairs": [64, 4096], "batch": [32, 128], "epsilon": [0.02, 0.5]}, seeds=[0])
    with pytest.raises(PlantEduError) as refused:
        rows_of(checked(grid))
    said = str(refused.value)
    assert "5 rows of this grid cannot be done, so nothing was started" in said
    assert "pairs=64, batch=128, epsilon=0.02, seed=0" in said
    assert "batch 128 is larger than pairs 64" in said
    assert "(and 2 more rows): epsilon 0.5 must be below" in said


def test_a_grid_may_be_as_large_as_said():
    assert len(rows_of(Grid(grid={"seed": list(range(MOST_ROWS))}))) == MOST_ROWS


def test_settings_are_told_in_one_line():
    assert settings_in_words({"steps": 5, "start": "source"}) == "steps=5, start=source"
