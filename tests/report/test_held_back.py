"""Long values that pandoc does not see."""

import html

from conjoint.report.typeset.held import held_back, put_back

PICTURE = "data:image/png;base64," + "iVBORw0K" * 40
FRAME = "<iframe srcdoc='" + '<p class="a"> &amp; more ' * 20 + "'></iframe>"


def test_what_is_held_back_comes_back_in_its_place():
    text = f'<img src="{PICTURE}"> <img src="{PICTURE}A==">\n{FRAME}'
    short, held = held_back(text)
    assert len(short) < 400
    pictures, frame = put_back(short, held).split("\n")
    assert pictures == text.partition("\n")[0]
    assert html.unescape(frame) == html.unescape(FRAME).replace("'", '"')
    assert ">" not in frame.partition("srcdoc=")[2].removesuffix("></iframe>")


def test_a_text_that_looks_like_a_mark_stays():
    text = f'<img src="data:image/png;base64,{"ab" * 32}">'
    assert put_back(*held_back(text)) == text
