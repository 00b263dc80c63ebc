"""The host's list of classes, and its button that ends one."""

from plantedu.course.classes import Classes
from plantedu.course.predictions import new_token
from tests.app.conftest import text_of


def test_the_host_sees_classes_and_ends_one(open_page, store, monkeypatch):
    host = new_token()
    monkeypatch.setenv("PLANTEDU_HOST_TOKEN", host)
    classes = Classes(store.path)
    code, keeper = classes.begin()
    app = open_page("", host=host)
    app.switch_page("views/00_host.py").run()
    assert keeper not in text_of(app)
    table = app.dataframe[-1].value
    assert table["class"].tolist() == [code]
    assert app.button(key="host delete class").disabled
    app.selectbox(key="host class").set_value(code).run()
    assert classes.keeps(code, keeper)
    app.button(key="host delete class").click().run()
    assert not app.exception, app.exception
    assert not classes.keeps(code, keeper)
    assert "There is no class." in text_of(app)
