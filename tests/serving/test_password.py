"""The password: nothing without it, one cookie with it, and no way to try words quickly."""

import os

import pytest

from plantedu.serving.password import ALL_TRIES, COOKIE, TRIES, Password, secret_of
from plantedu.serving.setting import Setting

WORD = "rice and light"
HTML = {"accept": "text/html,*/*"}


@pytest.fixture
def lock(tmp_path):
    made = {}

    def around(app):
        lock = made.setdefault(
            "lock",
            Password(
                app, setting=Setting(password=WORD, header="x-real-ip"), home=tmp_path, clock=clock
            ),
        )
        lock.app = app
        return lock

    now = [1e9]

    def clock():
        return now[0]

    around.now = now
    return around


def enter(ask, lock, word, **options):
    body = f"password={word.replace(' ', '+')}".encode()
    return ask(lock, method="POST", body=body, **options)


@pytest.mark.parametrize(
    ("kind", "method", "path"),
    [
        ("http", "GET", "/"),
        ("http", "GET", "/static/js/index.js"),
        ("http", "PUT", "/_stcore/upload_file/a/b"),
        ("http", "GET", "/media/x.png"),
        ("websocket", "GET", "/_stcore/stream"),
    ],
)
def test_nothing_is_reached_without_it(ask, lock, kind, method, path):
    for cookie in ("", f"{COOKIE}=9999999999.{'0' * 64}", f"{COOKIE}=.", "=;;="):
        response = ask(lock, kind=kind, method=method, path=path, headers={"cookie": cookie})
        assert not response.reached
        assert response.status in (401, 1008)


def test_the_health_check_and_a_server_without_password_ask_nobody(ask, lock, tmp_path):
    assert ask(lock, path="/_stcore/health").reached
    assert ask(lambda app: Password(app, setting=Setting(), home=tmp_path)).reached
    assert "password" in ask(lock, headers=HTML).body


def test_who_knows_it_gets_a_cookie_that_ends(ask, lock):
    response = enter(ask, lock, WORD, path="/training")
    assert (response.status, response.header("location")) == (303, "/training")
    (kept,) = response.headers["set-cookie"]
    assert "HttpOnly" in kept
    assert "SameSite=Lax" in kept
    assert "Secure" not in kept  # plain http in a room
    cookie = {"cookie": kept.partition(";")[0]}
    assert ask(lock, headers=cookie).reached
    assert ask(lock, kind="websocket", headers=cookie).reached
    until, _, seal = cookie["cookie"].partition("=")[2].partition(".")
    later = {"cookie": f"{COOKIE}={int(until) + 1}.{seal}"}
    assert not ask(lock, headers=later).reached
    lock.now[0] += 13 * 3600
    assert not ask(lock, headers=cookie).reached


def test_a_place_to_go_on_to_is_of_this_server(ask, lock):
    for path in ("//evil.example/x", "/\\evil.example"):
        assert enter(ask, lock, WORD, path=path).header("location") == "/evil.example" + (
            "/x" if path.endswith("x") else ""
        )


def test_words_cannot_be_tried_quickly(ask, lock):
    for _ in range(TRIES):
        assert enter(ask, lock, "wrong").status == 401
    assert enter(ask, lock, WORD).status == 429
    other = {"x-real-ip": "203.0.113.9"}
    assert enter(ask, lock, WORD, headers=other).status == 303  # a neighbour is not shut out
    for k in range(ALL_TRIES - TRIES):
        enter(ask, lock, "wrong", headers={"x-real-ip": f"198.51.{k % 100}.{k // 100}"})
    assert enter(ask, lock, WORD, headers=other).status == 429


def test_another_password_or_home_opens_nothing(tmp_path):
    one = Password(lambda *_: None, setting=Setting(password=WORD), home=tmp_path)
    two = Password(lambda *_: None, setting=Setting(password="something else"), home=tmp_path)
    assert one.cookie().partition(".")[2] != two.cookie().partition(".")[2]
    again = Password(lambda *_: None, setting=Setting(password=WORD), home=tmp_path)
    assert again.key == one.key


@pytest.mark.skipif(os.name == "nt", reason="no modes there")
def test_the_secret_is_nobody_elses(tmp_path):
    made = secret_of(tmp_path)
    assert len(made) == 32
    assert secret_of(tmp_path) == made
    (path,) = tmp_path.iterdir()
    assert path.stat().st_mode & 0o777 == 0o600
