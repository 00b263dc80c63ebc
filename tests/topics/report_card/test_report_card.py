"""The report card: resumed, cached, plain values and back; refusals."""

import json

import pytest

from plantedu.__main__ import main
from plantedu.errors import PlantEduError
from plantedu.topics.report_card import report_card as card
from plantedu.topics.report_card.report_card import report_card
from plantedu.topics.report_card.results.report_card import ReportCardResult, Settings

TWO = ("PGD", "S of the closed loop")


class StopError(Exception):
    pass


def test_a_stopped_card_goes_on_and_gives_the_same(tmp_path):
    whole = report_card(Settings(worlds=3, methods=TWO), folder=tmp_path / "a")
    calls = []

    def stop():
        calls.append(1)
        if len(calls) > 3:
            raise StopError

    with pytest.raises(StopError):
        report_card(Settings(worlds=3, methods=TWO), folder=tmp_path / "b", check=stop)
    kept = list((tmp_path / "b").rglob("*.json"))
    assert len(kept) == 3
    kept[0].write_text('{"marks": [[tr')  # torn by the stop
    again = report_card(Settings(worlds=3, methods=TWO), folder=tmp_path / "b")
    assert again.grades == whole.grades


def test_what_is_kept_is_not_done_again(tmp_path, monkeypatch):
    first = report_card(Settings(worlds=2, methods=TWO), folder=tmp_path)

    def broken(path, data):
        raise AssertionError(f"{path} was examined again")

    asked = Settings(worlds=2, methods=TWO)
    monkeypatch.setattr(card, "write_whole", broken)
    assert report_card(asked, folder=tmp_path).grades == first.grades
    monkeypatch.setattr(card, "code_hash", lambda: "other")
    with pytest.raises(AssertionError, match="examined again"):
        report_card(asked, folder=tmp_path)


def test_plain_values_and_back(tmp_path):
    found = report_card(Settings(worlds=2, seed=5, methods=TWO), folder=tmp_path)
    again = ReportCardResult.from_json(json.loads(json.dumps(found.as_json())))
    assert again == found
    loop = found.of("S of the closed loop")
    assert (loop.hits.value, loop.alarms.value, loop.trap) == (1.0, 1.0, True)
    assert loop.verdict == "not told from a coin"
    assert "Null: a coin" in found.chart().alt


def test_the_terminal_prints_one_object_on_the_last_line(capsys, plantedu_home):
    words = ["report-card", "--worlds", "1", "--seed", "3", "--methods", "share settled", "--json"]
    assert main(words) == 0
    printed = capsys.readouterr().out.splitlines()
    found = json.loads(printed[-1])
    assert [g["name"] for g in found["grades"]] == ["share settled"]
    assert {"value", "null", "n", "seeds", "interval"} <= set(found["grades"][0]["right"])
    assert (plantedu_home / "report-card").is_dir()


@pytest.mark.parametrize(
    ("knobs", "said"),
    [
        ({"worlds": 0}, "from 1 to 1000"),
        ({"worlds": 1001}, "from 1 to 1000"),
        ({"seed": -1}, "A seed"),
        ({"methods": ("guess",)}, "No method on the card"),
    ],
)
def test_settings_out_of_range_are_a_sentence(knobs, said, tmp_path):
    with pytest.raises(PlantEduError, match=said):
        report_card(Settings(**knobs), folder=tmp_path)
