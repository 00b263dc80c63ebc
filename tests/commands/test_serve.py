"""The laptop that serves a room: where it listens, what it allows, what it says."""

import pytest

from plantedu.__main__ import main as plantedu
from plantedu.commands import serve
from plantedu.commands.serve import Serve, said, started
from plantedu.errors import PlantEduError


def options(words):
    return dict(word.removeprefix("--server.").split("=") for word in words if "=" in word)


def test_alone_it_listens_on_this_machine_only(monkeypatch):
    monkeypatch.delenv("PLANTEDU_HOSTED", raising=False)
    words, environment = started(Serve(port=8600))
    assert options(words)["address"] == "127.0.0.1"
    assert "headless" not in options(words)
    assert environment.get("PLANTEDU_HOSTED", "") == ""
    assert "this machine only: http://127.0.0.1:8600" in said(Serve(port=8600), environment)


def test_a_room_has_the_limits_of_many_and_an_address_that_it_can_type(monkeypatch):
    monkeypatch.setattr(serve, "_own_address", lambda: "192.168.7.5")
    chosen = Serve(room=True, password="rice and light")
    words, environment = started(chosen)
    assert options(words)["address"] == "0.0.0.0"
    assert environment["PLANTEDU_HOSTED"] == "1"
    assert environment["PLANTEDU_PASSWORD"] == "rice and light"
    text = said(chosen, environment)
    assert "http://192.168.7.5:8501" in text
    assert "127.0.0.1" not in text
    _, environment = started(Serve(room=True, name="rice.local"))
    assert "rice.local" in environment["PLANTEDU_HOSTS"]
    assert "http://rice.local:8501" in said(Serve(room=True, name="rice.local"), environment)


@pytest.mark.parametrize(
    "wrong",
    [
        Serve(port=0),
        Serve(port=70_000),
        Serve(name="http://rice"),
        Serve(room=True, name="a b"),
        Serve(password="short"),
    ],
)
def test_what_cannot_be_is_said_before_anything_is_served(wrong):
    with pytest.raises(PlantEduError):
        started(wrong)


def test_the_command_starts_the_server_with_them(monkeypatch, capsys):
    called = []
    monkeypatch.setattr(
        serve.subprocess, "call", lambda words, env: called.append((words, env)) or 0
    )
    assert plantedu(["serve", "--room", "--port", "8700", "--name", "rice.local"]) == 0
    ((words, environment),) = called
    assert options(words)["port"] == "8700"
    assert environment["PLANTEDU_ADDRESS"] == "http://rice.local:8700"
    assert "http://rice.local:8700" in capsys.readouterr().out
