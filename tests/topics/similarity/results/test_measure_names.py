"""Names without torch; that they are the members' own is tested with the family."""

from plantedu.topics.similarity.results.measure_names import LABELS


def test_every_measure_has_words():
    assert len(LABELS) == len(set(LABELS.values())) == 12
    assert next(iter(LABELS)) == "cka"
