"""The environment is read with care: what cannot be meant is a sentence."""

import pytest

from plantedu.errors import PlantEduError
from plantedu.serving.setting import ANYBODY, setting


def test_nothing_set_is_a_machine_without_proxy_frame_or_password():
    found = setting({})
    assert (found.header, found.proxies, found.frames, found.password) == ("", (), (), "")
    assert all(name == found.hosts[0] or name.endswith(".local") for name in found.hosts)


def test_what_is_set():
    found = setting(
        {
            "PLANTEDU_HOSTS": "Course.Example.org, *.hf.space",
            "PLANTEDU_PROXY_HEADER": "X-Real-IP",
            "PLANTEDU_PROXIES": "10.1.0.0/16 ::1",
            "PLANTEDU_EMBED": "https://huggingface.co",
            "PLANTEDU_PASSWORD": "rice and light",
            "SPACE_HOST": "me-plantedu.hf.space",
        }
    )
    assert {"course.example.org", "*.hf.space", "me-plantedu.hf.space"} <= set(found.hosts)
    assert found.header == "x-real-ip"
    assert [str(one) for one in found.proxies] == ["10.1.0.0/16", "::1/128"]
    assert found.frames == ("https://huggingface.co",)
    assert setting({"PLANTEDU_EMBED": "1"}).frames == (ANYBODY,)
    assert setting({"PLANTEDU_EMBED": "0"}).frames == ()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"PLANTEDU_PASSWORD": "short"}, "5 letters; 8 or more"),
        ({"PLANTEDU_PROXIES": "the proxy"}, "addresses or networks are wanted"),
        ({"PLANTEDU_EMBED": "x; script-src *"}, "name who may embed"),
        ({"PLANTEDU_EMBED": "https://a;script-src"}, "name who may embed"),
    ],
)
def test_what_cannot_be_meant_is_refused(given, said):
    with pytest.raises(PlantEduError, match=said):
        setting(given)


def test_seats_of_a_larger_room():
    assert setting({}).seats == 40
    assert setting({"PLANTEDU_SEATS": "120"}).seats == 120
    with pytest.raises(PlantEduError, match="PLANTEDU_SEATS is a whole number"):
        setting({"PLANTEDU_SEATS": "many"})
