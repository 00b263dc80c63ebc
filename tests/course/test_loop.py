"""The sentence that closes a loop: said, run, recorded, each number beside its null."""

from plantedu.course.answers import Answer, Context, settle
from plantedu.course.blocks import Figure, Text
from plantedu.course.lessons import lessons_in
from plantedu.course.loop import GONE, loop_words
from plantedu.course.own_results import OwnNumber
from plantedu.course.predictions import Commitment
from plantedu.course.quotes import committed_value, numbers
from plantedu.shipped_files import lessons, results
from plantedu.statistics.evidence import Evidence

COURSE = lessons_in(lessons())
ASKED = {one.id: one for lesson in COURSE for one in lesson.predictions}
PROBE = ASKED["disease_probe"]
SAID = Commitment("02_training", "disease_probe", 3, "between", 0.6, None)
MEASURED = Evidence(question="?", value=0.991, null=0.37, control="shuffled labels", n=512)


def test_the_three_stand_in_one_line():
    nulls = (("random init", 0.457), ("shuffled labels", 0.378))
    own = OwnNumber("0a1b2c3d", 0.986, nulls)
    words = loop_words(PROBE, SAID, own, Answer("above_nine", MEASURED, ""))
    assert words == (
        "You said: *Between .60 and .90*. Your run `0a1b2c3d`: **.99**; random init .46; shuffled "
        "labels .38. Recorded: **.99**; shuffled labels .37 (n = 512)."
    )


def test_a_run_that_went_the_other_way_is_told_so():
    own = OwnNumber("0a1b2c3d", 0.5, ())
    assert "Yours went the other way." in loop_words(
        PROBE, SAID, own, Answer("above_nine", MEASURED, "")
    )


def test_without_a_run_or_a_result_it_says_what_there_is():
    assert loop_words(PROBE, SAID, None, None) == f"You said: *Between .60 and .90*. {GONE}"


def test_nothing_before_the_lock_quotes_the_number_that_settles_a_bet():
    """Question, Run and nulls are read first; 07 gave S of pixel means away, 08 the share left."""
    before = ("Question", "Run", "Look at the null first")
    for lesson in COURSE:
        settled = {settle(one, Context(results())).evidence.value for one in lesson.predictions}
        blocks = [block for heading in before for block in lesson.sections[heading]]
        texts = [one.markdown for one in blocks if isinstance(one, Text)]
        found = [number for text in texts for number in numbers(text)]
        read = {committed_value(lessons(), one.file, one.at) for one in found}
        assert not {value for value in settled & read if value not in (0, 1)}, lesson.stem
        drawn = [one.path for one in blocks if isinstance(one, Figure)]
        assert drawn == [], "a figure of all results draws what a bet asks; Explain waits for it"


def test_every_bet_names_the_experiment_that_settles_it():
    assert [one.id for one in ASKED.values() if not one.at] == []
