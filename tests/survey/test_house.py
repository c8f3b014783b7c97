"""The house style in survey.toml: what is let through, and what is refused and why."""

import base64

import pytest

import conjoint as cj
from conjoint.plot.theme import SEGMENT_COLOURS, SEGMENT_SHAPES, group_styles
from conjoint.survey.house import LEAST_APART, LEAST_CONTRAST, contrast, told_apart

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><circle r="4" cx="4" cy="4"/></svg>'
)


def report(folder, lines):
    folder.toml += f"\n[report]\n{lines}\n"
    return folder


def test_a_house_style_is_read(folder):
    (folder.path / "logo.png").write_bytes(PNG)
    report(
        folder,
        'title = "Ours"\nauthor = "The team"\nembargo = 2026-06-01\nlogo = "logo.png"\naccent = "#8A1538"\n'
        'colours = { left = "#B3202A" }\nfonts = { text = "Source Sans 3", charts = "DejaVu Sans" }',
    )
    house = cj.read_survey(folder.write()).report
    assert house.embargo == "Embargoed until 1 June 2026"
    assert house.logo == "data:image/png;base64," + base64.b64encode(PNG).decode()
    survey = cj.read_survey(folder.path)
    styles = group_styles(survey)
    assert styles["left"][1] == "#B3202A"
    assert styles["warm"][1] != styles["left"][1]
    assert told_apart(styles["warm"][1], "#B3202A")[0] >= LEAST_APART


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ('colours = { left = "red" }', 'colours.left = "red" is no colour'),
        ('colours = { left = "#B3202A;}" }', "is no colour"),
        (
            'colours = { left = "#FFE14D" }',
            "its contrast with white is 1.3 to 1 (3 to 1 is needed)",
        ),
        ('colours = { left = "#B3202A", warm = "#B3252F" }', "colours of left and warm look alike"),
        ('colours = { left = "#0A0A0A" }', "colours of black, everybody's and left look alike"),
        ('colours = { left = "#7A6A00", warm = "#A05000" }', "look alike in"),
        ('colours = { nobody = "#B3202A" }', 'there is no segment "nobody"'),
        ('accent = "#D55E00"', 'accent = "#D55E00" is too light'),
        ('fonts = { text = "x\\"; } body { display: none" }', "is no name of a font"),
        ('fonts = { sizes = "12" }', "is not a key that is known here"),
        ('logo = "../logo.png"', 'there is no file "../logo.png" in the folder'),
        ('logo = "/etc/passwd"', 'there is no file "/etc/passwd" in the folder'),
        ('logo = "survey.toml"', "is no picture that reports can hold"),
        ('logo = "fake.png"', "is not what its ending says"),
        ('logo = "data:image/png;base64,AAAA"', "there is no file"),
        (f'title = "{"x" * 301}"', "title is longer than 300 characters"),
    ],
)
def test_what_is_no_such_value_is_refused(folder, lines, told):
    (folder.path / "fake.png").write_bytes(b"GIF89a")
    faults = report(folder, lines).faults()
    assert len(faults) == 1
    assert told in faults[0]


@pytest.mark.parametrize(
    "active",
    [
        "<script>alert(1)</script>",
        '<circle onload="alert(1)"/>',
        "<foreignObject/>",
        '<image href="https://example.org/x.png"/>',
        '<a xlink:href="javascript:alert(1)">x</a>',
        "<style>@import url(https://example.org/x.css)</style>",
        '<rect fill="url(https://example.org/x)"/>',
        '<use href="//example.org/x.svg#a"/>',
        '<set attributeName="onmouseover" to="alert(1)"/>',
    ],
)
def test_an_svg_that_does_anything_is_refused(folder, active):
    (folder.path / "logo.svg").write_text(SVG.replace("</svg>", f"{active}</svg>"), "utf-8")
    (fault,) = report(folder, 'logo = "logo.svg"').faults()
    assert "holds something that runs or asks for something from elsewhere" in fault


def test_a_plain_svg_is_let_through(folder):
    shapes = SVG.replace("</svg>", '<g id="a"/><use href="#a"/><rect fill="url(#b)"/></svg>')
    (folder.path / "logo.svg").write_text(shapes, "utf-8")
    survey = cj.read_survey(report(folder, 'logo = "logo.svg"').write())
    assert survey.report.logo.startswith("data:image/svg+xml;base64,")


def test_the_colours_that_come_with_it_hold_what_is_asked_of_others():
    assert all(contrast(colour) >= LEAST_CONTRAST for colour in SEGMENT_COLOURS)
    colours = ("#000000", *SEGMENT_COLOURS)
    pairs = [(a, b) for at, a in enumerate(colours) for b in colours[at + 1 :]]
    assert min(told_apart(*pair)[0] for pair in pairs) >= LEAST_APART


def test_many_segments_have_a_look_of_their_own_each(routes):
    one = next(iter(routes.survey.segments.values()))
    many = routes.survey.model_copy(update={"segments": {f"s{n}": one for n in range(40)}})
    looks = [style[1:] for style in group_styles(many).values()]
    assert len(set(looks)) == len(looks) == 41
    assert len(SEGMENT_SHAPES) % len(SEGMENT_COLOURS)


def test_contrast_and_difference_are_those_of_the_books():
    assert contrast("#000000") == pytest.approx(21)
    assert contrast("#767676") == pytest.approx(4.54, abs=0.01)  # the least grey for text
    assert told_apart("#000000", "#FFFFFF")[0] == pytest.approx(100, abs=0.1)
