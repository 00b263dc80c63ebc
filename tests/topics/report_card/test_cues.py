"""A head uses the mark where it goes with disease, and hardly where it is assigned at random."""

from plantedu.topics.report_card import cues


def test_do_says_who_uses_the_mark_and_a_probe_does_not(monkeypatch):
    monkeypatch.setattr(cues, "OTHERS", 60)  # fewer pictures than on the card
    cues.head_of.cache_clear()
    assert [mark.there for mark in cues.by_do(0)] == [True, False]
    probed = cues.by_probe(0)
    assert [mark.there for mark in probed] == [True, False]
    assert [mark.said for mark in probed] == [True, True]
    cues.head_of.cache_clear()
