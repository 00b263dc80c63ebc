"""What the server answers itself: crawlers, metrics for who knows the token, nothing of others."""

import pytest

from plantedu.serving.own_paths import OwnPaths

TOKEN = "a-token-of-the-host"


def around(token=TOKEN, base=""):
    return lambda app: OwnPaths(app, token=token, measured=lambda: "runs 3\n", base=base)


@pytest.mark.parametrize("base", ["", "course", "/course/"])
def test_crawlers_are_asked_to_stay_away(ask, base):
    paths = ["/robots.txt"] + (["/course/robots.txt"] if base else [])
    for path in paths:
        response = ask(around(base=base), path=path)
        assert (response.status, response.reached) == (200, False)
        assert "Disallow: /" in response.body


@pytest.mark.parametrize(
    ("given", "status"),
    [
        (f"Bearer {TOKEN}", 200),
        (f"bearer {TOKEN}", 200),
        (TOKEN, 401),
        ("", 401),
        ("Bearer ", 401),
        (f"Bearer {TOKEN}x", 401),
        (f"Basic {TOKEN}", 401),
        ("Bearer grün", 401),
    ],
)
def test_metrics_for_who_says_the_token(ask, given, status):
    response = ask(around(), path="/metrics", headers={"authorization": given})
    assert (response.status, response.reached) == (status, False)
    assert ("runs 3" in response.body) == (status == 200)
    assert response.header("content-type").startswith("text/plain")


def test_metrics_are_not_there_without_a_token_of_the_host(ask):
    response = ask(around(token=""), path="/metrics", headers={"authorization": "Bearer "})
    assert (response.status, response.reached) == (404, False)


@pytest.mark.parametrize("path", ["/_stcore/metrics", "/course/_stcore/metrics/"])
@pytest.mark.parametrize("method", ["GET", "OPTIONS", "HEAD"])
def test_the_metrics_of_streamlit_are_closed(ask, path, method):
    response = ask(around(base="course"), path=path, method=method)
    assert (response.status, response.reached) == (404, False)


@pytest.mark.parametrize("path", ["/", "/training", "/_stcore/health", "/course/metricss"])
def test_all_else_passes(ask, path):
    assert ask(around(base="course"), path=path).reached


def test_a_websocket_passes(ask):
    assert ask(around(), path="/_stcore/stream", kind="websocket").reached
