"""The words that pages offer are those that the code knows."""

from plantedu.topics.attacks import criteria as goals
from plantedu.topics.attacks.results import names
from plantedu.zoo import model_zoo


def test_words_agree_with_the_code():
    assert tuple(goals.GOALS) == names.NAMING
    assert model_zoo.seeds_of("SwAV cross") == ("cross-0", "cross-1", "cross-2")
    assert set(names.SAYS_WHERE) == set(names.WHERE)
