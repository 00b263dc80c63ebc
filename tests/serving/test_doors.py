"""The front door by itself: who is turned away, and what policy pages get."""

import pytest

from plantedu.serving.doors import Doors
from plantedu.serving.setting import Setting

SETTING = Setting(hosts=("course.example.org",), frames=("https://huggingface.co",))


def around(app):
    return Doors(app, setting=SETTING, scripts=("'sha256-x'",))


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize("path", ["/", "/_stcore/health", "/_stcore/upload_file/a/b", "/media/x"])
def test_no_path_answers_under_a_name_that_is_not_ours(ask, kind, path):
    response = ask(around, kind=kind, path=path, headers={"host": "rebound.evil.example"})
    assert not response.reached
    assert response.status in (421, 1008)
    assert "evil" not in response.body


@pytest.mark.parametrize(
    ("kind", "method"),
    [("websocket", "GET"), ("http", "PUT"), ("http", "DELETE"), ("http", "POST")],
)
@pytest.mark.parametrize(
    ("origin", "reached"),
    [
        ("https://evil.example", False),
        ("null", False),
        ("http://localhost:8501", True),
        ("https://course.example.org", True),
        (None, True),
    ],
)
def test_no_page_of_another_server_writes(ask, kind, method, origin, reached):
    headers = {} if origin is None else {"origin": origin}
    assert ask(around, kind=kind, method=method, headers=headers).reached is reached


def test_pages_get_a_policy_that_lets_in_nothing_from_outside(ask):
    response = ask(around)
    policy = response.header("content-security-policy")
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["script-src"] == "'self' 'sha256-x'"
    assert rules["img-src"] == "'self' data: blob:"
    assert rules["connect-src"] == "'self' ws://localhost:8501 wss://localhost:8501"
    assert rules["frame-ancestors"] == "'self' https://huggingface.co"
    assert "unsafe-eval" not in policy
    assert "*" not in policy
    assert response.header("x-content-type-options") == "nosniff"
    assert response.header("referrer-policy") == "no-referrer"


def test_a_name_cannot_write_into_the_policy(ask):
    response = ask(around, headers={"host": "localhost;script-src *"})
    assert not response.reached
    assert "script-src *" not in response.header("content-security-policy")
