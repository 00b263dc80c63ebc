"""Results of lesson 04 as evidence: committed ones can be read, nulls stay beside values."""

import json
from pathlib import Path

import pytest

from plantedu.course.family import (
    ARMS,
    elp_lines,
    evidence,
    few_gain,
    few_lines,
    leak_lines,
    read_results,
    seeds_of,
)
from plantedu.errors import PlantEduError

RESULTS = Path(__file__).parents[2] / "lessons" / "results"

OVER = {"mean": 0.08, "seeds": 5, "interval_over_seeds": [0.05, 0.11]}
FEW = {
    "summary": {
        "0.05": {
            "discriminative": {
                "accuracy": 0.98, "per_seed": [0.97, 0.99], "null": 0.35,
                "above scratch 0.01": OVER,
            },
            "scratch 0.01": {"accuracy": 0.9, "per_seed": [0.9], "null": 0.35},
        }
    },
    "rows": {"0.05/discriminative/0": {"plants": 1024}},
}  # fmt: skip
LEAK = {
    "summary": {
        "leaked/scratch 0.01": {"claimed_minus_fresh": OVER},
        "grouped/scratch 0.01": {"claimed_minus_fresh": {**OVER, "mean": 0.01}},
    },
    "rows": {"leaked/scratch 0.01/0": {"plants": 1024}},
}


def test_committed_elp_has_every_arm_with_its_null():
    elp = elp_lines(read_results(RESULTS, "04_elp"))
    for lines in elp.values():
        assert [name for name, _ in lines] == list(ARMS.values())
        assert all(one.null == 0 and one.seeds == 5 and one.interval for _, one in lines)
        assert dict(lines)["monitor only"].value == 0, "a monitor changes nothing"


def test_few_labels_stand_over_the_class_prior():
    (lines,) = few_lines(FEW).values()
    assert [name for name, _ in lines] == ["cross-0, discriminative", "scratch 0.01"]
    first, last = lines[0][1], lines[1][1]
    assert (first.value, first.null, first.interval, first.seeds) == (0.98, 0.35, (0.97, 0.99), 2)
    assert (last.interval, last.n) == (None, 1024)
    gain = few_gain(FEW)
    assert (gain.value, gain.interval, gain.seeds) == (0.08, (0.05, 0.11), 5)


def test_a_leak_stands_beside_the_split_by_plant():
    lines = dict(leak_lines(LEAK))
    assert list(lines) == ["split by image, scratch", "split by plant, scratch"]
    leaked = lines["split by image, scratch"]
    assert (leaked.value, leaked.null, leaked.control) == (0.08, 0.01, "the same split by plant")


def test_fields_beside_those_of_evidence_are_left_alone():
    plain = {"question": "?", "value": 1.0, "null": 0.0, "control": "c", "n": 2, "extra": 9}
    assert evidence(json.loads(json.dumps(plain))).value == 1


def test_results_that_are_not_there_are_a_sentence(tmp_path):
    with pytest.raises(PlantEduError, match=r"04_leak\.json are not here yet"):
        read_results(tmp_path, "04_leak")
    (tmp_path / "04_leak.json").write_text("[1]")
    with pytest.raises(PlantEduError, match="one JSON object"):
        read_results(tmp_path, "04_leak")


def test_the_number_of_seeds_is_that_of_every_line():
    def lines(*counts):
        plain = {"question": "?", "value": 1.0, "null": 0.0, "control": "c", "n": 2}
        return [("arm", evidence(plain | {"seeds": count})) for count in counts]

    assert seeds_of(lines(5, 5)) == "5 seeds"
    assert seeds_of(lines(5, 2)) == "2 to 5 seeds"
    assert seeds_of(lines(1)) == "1 seed"
