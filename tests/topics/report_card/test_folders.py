"""Leaks that were planted are found, and a sensor's blind side is known."""

from plantedu.topics.report_card import folders


def test_an_honest_folder_is_clean_and_a_leaky_one_is_not():
    assert [mark.said for mark in folders.copies(1)] == [True, False]


def test_do_tells_what_a_sensor_cannot_see():
    for seed in range(3):
        asked, marks = folders._asked(seed), folders.by_do(seed)
        assert {name for _, name, there in asked if not there} <= {"mesophyll", "bloom"}
        assert all(mark.right for mark in marks)
