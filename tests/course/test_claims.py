"""Claims: kept with their evidence, refused without a null, one's own alone taken back."""

import json

import pytest

from plantedu.course.claims import MOST, Claims
from plantedu.course.predictions import new_token
from plantedu.errors import PlantEduError

GOOD = "results/01_x.json#/good"
SAID, MIND = "The probe finds the mark in every world.", "A world in which it does not."


@pytest.fixture
def results(tmp_path):
    good = {"value": 0.5, "null": 0.1, "control": "a coin", "n": 9}
    (tmp_path / "01_x.json").write_text(json.dumps({"good": good, "bare": {"value": 1.0, "n": 3}}))
    return tmp_path


@pytest.fixture
def claims(tmp_path):
    return Claims(tmp_path / "s.sqlite")


def test_a_claim_is_kept_with_its_number(claims, results):
    token = new_token()
    claims.make(token, "01_x", SAID, GOOD, MIND, results=results)
    (one,) = claims.of(token)
    assert (one.claim, one.source, one.mind, one.lesson) == (SAID, GOOD, MIND, "01_x")
    assert (one.evidence.value, one.evidence.null) == (0.5, 0.1)
    assert claims.of(token, "02_y") == []


@pytest.mark.parametrize(
    ("claim", "source", "mind", "said"),
    [
        (SAID, "results/01_x.json#/bare", MIND, "has no null"),
        ("It works.", GOOD, MIND, "Write the claim as a sentence"),
        (SAID, GOOD, "no", "Write the answer to what would change your mind"),
        ("x" * 401, GOOD, MIND, "401 letters"),
        (SAID, "results/01_x.json#/other", MIND, "There is no number"),
    ],
)
def test_what_is_no_claim_is_refused_and_not_kept(claims, results, claim, source, mind, said):
    token = new_token()
    with pytest.raises(PlantEduError, match=said):
        claims.make(token, "01_x", claim, source, mind, results=results)
    assert claims.of(token) == []


def test_another_learners_claim_stays(claims, results):
    mine, other = new_token(), new_token()
    claims.make(mine, "01_x", SAID, GOOD, MIND, results=results)
    (one,) = claims.of(mine)
    with pytest.raises(PlantEduError, match="only one's own can be taken back"):
        claims.take_back(other, one.number)
    assert claims.of(other) == []
    claims.take_back(mine, one.number)
    assert claims.of(mine) == []


def test_too_many_claims_and_no_token(claims, results):
    token = new_token()
    for _ in range(MOST):
        claims.make(token, "01_x", SAID, GOOD, MIND, results=results)
    with pytest.raises(PlantEduError, match="take one back"):
        claims.make(token, "01_x", SAID, GOOD, MIND, results=results)
    with pytest.raises(PlantEduError, match="token"):
        claims.make("me", "01_x", SAID, GOOD, MIND, results=results)
