"""What a page has sent to a simulated learner: widgets, words, refusals, files."""

from dataclasses import dataclass, field

from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.Block_pb2 import Block
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.Radio_pb2 import Radio

SAYS_NO = (Alert.WARNING, Alert.ERROR)
LOCK = "Lock my answer"
TABS = "tabs"
FIELDS = {  # where a widget's value stands in what the browser sends
    **dict.fromkeys(("selectbox", "text_area", "text_input"), "string_value"),
    "checkbox": "bool_value",
    "slider": "double_array_value",
}
TEXTS = ("markdown", "heading", "text")


@dataclass
class DrawnPage:
    """The page as it was drawn last.

    Attributes:
        buttons: Id of each button by its label.
        pressable: Ids of all buttons; an id ends in the key that the page gave it.
        radios: Questions of forms, by their form.
        submits: Id of the button that locks a form's answer.
        uploaders: Ids by label.
        groups: Id and options of a row of buttons by its label.
        settable: Id of each other widget by its label, and the field that its value stands in; a
            page's tabs are called TABS.
        choices: Options of each select box by its label.
        downloads: Path of each file that the page offers, by its label.
        words: All text since the page was drawn anew.
        since: Where the words of the last run, or of its part, begin.
        alerts: What it said no to.
        errors: What went wrong, in words; kept when the page is drawn anew.
    """

    buttons: dict[str, str] = field(default_factory=dict, init=False)
    pressable: list[str] = field(default_factory=list, init=False)
    radios: dict[str, Radio] = field(default_factory=dict, init=False)
    submits: dict[str, str] = field(default_factory=dict, init=False)
    uploaders: dict[str, str] = field(default_factory=dict, init=False)
    groups: dict[str, tuple[str, list[str]]] = field(default_factory=dict, init=False)
    settable: dict[str, tuple[str, str]] = field(default_factory=dict, init=False)
    choices: dict[str, list[str]] = field(default_factory=dict, init=False)
    downloads: dict[str, str] = field(default_factory=dict, init=False)
    words: list[str] = field(default_factory=list, init=False)
    since: int = field(default=0, init=False)
    alerts: list[str] = field(default_factory=list, init=False)
    errors: list[str] = field(default_factory=list, init=False)

    def forget(self) -> None:
        """A page is drawn anew."""
        for found in (self.buttons, self.radios, self.submits, self.uploaders, self.groups):
            found.clear()
        self.pressable.clear()
        for found in (self.settable, self.choices, self.downloads, self.words, self.alerts):
            found.clear()

    def see_block(self, block: Block) -> None:
        """Note what can be opened."""
        kind = block.WhichOneof("type")
        if kind == "tab_container" and block.tab_container.id:
            self.settable[TABS] = block.tab_container.id, "string_value"
        elif kind == "expandable" and block.expandable.id:
            self.settable[block.expandable.label] = block.expandable.id, "bool_value"

    def see(self, element: Element) -> None:
        """Note a widget, a sentence or an error of the page."""
        kind = element.WhichOneof("type")
        if kind == "button" and element.button.is_form_submitter:
            if element.button.label == LOCK:
                self.submits[element.button.form_id] = element.button.id
            else:
                self.buttons[element.button.label] = element.button.id
        elif kind == "download_button":
            self.downloads[element.download_button.label] = element.download_button.url
        elif kind in FIELDS:
            one = getattr(element, kind)
            self.settable[one.label] = one.id, FIELDS[kind]
            self.choices[one.label] = list(getattr(one, "options", ()))
        elif kind in TEXTS:
            self.words.append(getattr(element, kind).body)
        elif kind == "button":
            self.buttons[element.button.label] = element.button.id
            self.pressable.append(element.button.id)
        elif kind == "radio" and element.radio.form_id:
            self.radios[element.radio.form_id] = element.radio
        elif kind == "file_uploader":
            self.uploaders[element.file_uploader.label] = element.file_uploader.id
        elif kind == "button_group":
            options = [one.content for one in element.button_group.options]
            self.groups[element.button_group.label] = element.button_group.id, options
        elif kind == "alert" and element.alert.format in SAYS_NO:
            self.alerts.append(element.alert.body)
        elif kind == "exception":
            self.errors.append(element.exception.message[:200])
