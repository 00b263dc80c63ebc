"""What a stranger wrote does not reach a terminal as it is."""

from plantedu.course.report_export.words import MOST, plainly


def test_escapes_and_turned_writing_become_question_marks():
    assert plainly("run \x1b[2J\x1b[1;32msame\r\n\u202eerom") == "run ?[2J?[1;32msame???erom"
    assert plainly("Größe 7 µm") == "Größe 7 µm"
    assert len(plainly("a" * 10_000)) == MOST
