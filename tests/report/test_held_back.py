"""Long values that pandoc does not see."""

from conjoint.report.typeset.held import held_back, put_back

PICTURE = "data:image/png;base64," + "iVBORw0K" * 40
FRAME = "<iframe srcdoc='" + 'a "page" &amp; more ' * 20 + "'></iframe>"


def test_what_is_held_back_comes_back_in_its_place():
    text = f'<img src="{PICTURE}"> <img src="{PICTURE}A==">\n{FRAME}'
    short, held = held_back(text)
    assert len(short) < 400
    assert "<img" in short
    assert put_back(short, held) == text


def test_a_text_that_looks_like_a_mark_stays():
    text = f'<img src="data:image/png;base64,{"ab" * 32}">'
    assert put_back(*held_back(text)) == text
