"""The explorer with other surveys: restrictions, little of everything, long and hostile labels."""

import shutil
from dataclasses import replace
from importlib.resources import files

import numpy as np
import pytest
from explorer_driver import FLAGS, ROUNDED, Explorer

import conjoint as cj
from conjoint.errors import EstimationError
from conjoint.explorer import explorer_page
from conjoint.scenario import support
from conjoint.scenario.explorer import explorer_tables
from conjoint.survey import Segment

pytestmark = pytest.mark.browser

HOSTILE = "</script><script>window.hacked=1;alert(1)</script>"
IMAGE = '"\'><img src=x onerror="window.hacked=2"> & {{ 7*7 }} <!-- data --> \u2028'

GREEK = (
    "Πρόσωπα που φτάνουν με νόμιμες και ασφαλείς διαδρομές από χώρες εκτός της Ευρωπαϊκής Ένωσης"
)
ARABIC = "الأشخاص الذين يصلون عبر طرق قانونية وآمنة من بلدان خارج الاتحاد الأوروبي في كل سنة تقريبا"
EMOJI = "👩‍👩‍👧‍👦🏳️‍🌈" * 12 + "Donaudampfschifffahrtsgesellschaftskapitänswitwenrente"


@pytest.fixture(scope="module")
def browser():
    program = next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
    )
    if program is None:
        pytest.skip("no Chromium on PATH: install the system's package to run browser tests")
    sync_api = pytest.importorskip("playwright.sync_api")
    pytest.importorskip("vl_convert")
    with sync_api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture
def open_page(browser, tmp_path):
    """Write a page and open it; nothing may be asked for, and nothing complained of."""
    opened = []

    def make(survey, tables, width=1280):
        path = tmp_path / f"explorer{len(opened)}.html"
        path.write_text(explorer_page(survey, tables, {}), "utf-8")
        opened.append(Explorer(browser, path, width))
        return opened[-1]

    yield make
    for explorer in opened:
        assert explorer.faults() == []
        explorer.close()


@pytest.fixture(scope="module")
def restricted(simulated, as_wave):
    frame = simulated(11, n=200, tasks=4)
    frame = frame[~((frame["price"] == "low") & (frame["size"] == "L"))]
    never = [{"price": ["low"], "size": ["L"]}]
    wave = as_wave(frame, restrictions=never, segments=None, task=None, profile=None)
    return wave, explorer_tables(wave)


@pytest.fixture(scope="module")
def plain(simulated, as_wave):
    wave = as_wave(simulated(12, n=150))
    return wave, explorer_tables(wave)


def figure(explorer):
    _, share, ends = explorer.table()["All"]
    return [*share, *ends]


def wanted(wave, package, **options):
    row = support(wave, package, **options).frame.iloc[0]
    return [100 * row[name] for name in ("estimate", "conf_low", "conf_high")]


def option(explorer, select, value):
    return explorer.page.eval_on_selector(
        f"{select} option[value='{value}']", "own => [own.disabled, own.textContent]"
    )


def test_combinations_that_never_meet_cannot_be_chosen(open_page, restricted):
    wave, tables = restricted
    explorer = open_page(wave.survey, tables)
    assert option(explorer, "#a-2", 2) == [False, "L"]
    explorer.choose("a", 0, 0)
    assert option(explorer, "#a-2", 2) == [True, "L – never shown with the levels chosen"]
    # The average over what is left out keeps to what meets the level.
    assert figure(explorer) == pytest.approx(wanted(wave, {"price": "low"}), abs=ROUNDED)
    explorer.choose("a", 2, 1)
    assert figure(explorer) == pytest.approx(wanted(wave, {"price": "low", "size": "M"}), abs=ROUNDED)  # fmt: skip
    explorer.choose("a", 0, "averaged")
    explorer.choose("a", 2, 2)
    assert option(explorer, "#a-0", 0)[0] is True
    assert figure(explorer) == pytest.approx(wanted(wave, {"size": "L"}), abs=ROUNDED)


def test_what_package_b_takes_from_a_may_not_go_with_it(open_page, restricted):
    wave, tables = restricted
    explorer = open_page(wave.survey, tables)
    explorer.page.check("#compare")
    explorer.choose("b", 2, 2)
    explorer.choose("a", 0, 0)
    assert "Package B combines levels that never meet" in explorer.text("#said")
    ((_, other, less),) = explorer.table().values()
    assert other == less == []
    explorer.choose("b", 0, 1)
    both = wanted(wave, {"price": "mid", "size": "L"})
    assert explorer.table()["All"][1] == pytest.approx(both, abs=ROUNDED)


def test_a_survey_without_segments_numbers_grid_and_targets(open_page, plain):
    wave, tables = plain
    explorer = open_page(wave.survey, tables, 390)
    for section in ("#grid-section", "#trade-section", "#package-b", "#outcome-field", ".banner"):
        assert explorer.page.locator(f"{section}:visible").count() == 0
    explorer.choose("a", 0, 2)
    assert figure(explorer) == pytest.approx(wanted(wave, {"price": "high"}), abs=ROUNDED)
    assert explorer.spilling() == []
    assert list(explorer.table()) == ["All"]


def test_a_rating_is_no_percentage(open_page, simulated, as_wave):
    wave = as_wave(simulated(13, n=150), outcome="rating", segments=None, task=None, profile=None)
    assert wave.survey.outcomes[wave.survey.main_outcome].kind == "rating"
    explorer = open_page(wave.survey, explorer_tables(wave))
    explorer.choose("a", 0, 0)
    found = support(wave, {"price": "low"}).frame.iloc[0]
    shown = figure(explorer)
    assert shown == pytest.approx([found["estimate"], found["conf_low"], found["conf_high"]], abs=0.00501)  # fmt: skip
    assert "%" not in explorer.text("#figures tbody")


def relabelled(survey, labels, **changed):
    """The same survey with other words for its attributes and their levels."""
    attributes = {
        name: attribute.model_copy(
            update={
                "label": labels[place % len(labels)],
                "text": labels[place % len(labels)],
                "levels": tuple(
                    level.model_copy(update={"label": f"{labels[at % len(labels)]} {at}"})
                    for at, level in enumerate(attribute.levels)
                ),
            }
        )
        for place, (name, attribute) in enumerate(survey.attributes.items())
    }
    outcomes = {
        name: own.model_copy(update={"label": labels[0], "text": labels[1]})
        for name, own in survey.outcomes.items()
    }
    report = survey.report.model_copy(
        update={"everyone": labels[0], "profile": labels[1], "grid": ("price", "size")}
    )
    return survey.model_copy(
        update={
            "attributes": attributes,
            "outcomes": outcomes,
            "report": report,
            "title": labels[0],
        }
        | changed
    )


def test_labels_that_are_code_stay_text(open_page, plain):
    wave, tables = plain
    hostile = relabelled(
        wave.survey, [HOSTILE, IMAGE], synthetic=True, synthetic_note=HOSTILE, client=IMAGE
    )
    explorer = open_page(hostile, tables)
    explorer.page.check("#compare")
    explorer.choose("a", 0, 1)
    explorer.choose("b", 1, 1)
    assert explorer.page.evaluate("window.hacked") is None
    assert explorer.page.locator("img").count() == 0
    assert explorer.text("h1") == HOSTILE
    assert HOSTILE in explorer.text(".banner")
    labels = explorer.page.eval_on_selector_all(
        "#package-a label", "all => all.map(own => own.textContent)"
    )
    assert labels == [HOSTILE, IMAGE, HOSTILE]


@pytest.mark.parametrize("width", [1280, 390])
def test_long_labels_of_any_script_stay_inside(open_page, plain, width):
    wave, tables = plain
    labels = [GREEK, ARABIC, EMOJI]
    assert min(map(len, labels)) >= 88
    explorer = open_page(relabelled(wave.survey, labels), tables, width)
    explorer.page.check("#compare")
    explorer.choose("a", 0, 1)
    explorer.choose("b", 2, 2)
    explorer.chart()
    assert explorer.spilling() == []


def test_long_names_of_groups_are_wrapped_in_the_chart(open_page, restricted, tmp_path, simulated):
    import conjoint as cj

    frame = simulated(3, n=120, tasks=3)
    (tmp_path / "s").mkdir()
    frame.drop(columns=["weight", "rating"]).to_csv(tmp_path / "s" / "responses.csv", index=False)
    segments = "".join(
        f'[segments.s{place}]\nlabel = "{label}"\nwhere = {{ party = "{party}" }}\n'
        for place, (label, party) in enumerate(
            [(GREEK, "Left"), (ARABIC, "Right"), (EMOJI, "Left")]
        )
    )
    (tmp_path / "s" / "survey.toml").write_text(TOML + segments, "utf-8")
    wave = cj.read_wave(tmp_path / "s")
    tables = explorer_tables(wave)
    for width in (1280, 390):
        explorer = open_page(wave.survey, tables, width)
        explorer.choose("a", 0, 0)
        explorer.chart()
        assert explorer.spilling() == []
        box = explorer.page.locator("#chart").bounding_box()
        texts = explorer.page.eval_on_selector_all(
            "#chart svg text",
            "all => all.map(one => one.getBoundingClientRect()).map(one => [one.left, one.right])",
        )
        assert max(right for _, right in texts) <= box["x"] + box["width"] + 1
        assert min(left for left, _ in texts) >= box["x"] - 1
        rows = support(wave, {"price": "low"}, "segments").frame
        shown = list(explorer.table().values())[1:]
        for (_, share, _), own in zip(shown, rows["estimate"], strict=True):
            assert share == pytest.approx([100 * own], abs=ROUNDED)


TOML = """\
title = "Small"
[data]
layout = "long"
file = "responses.csv"
respondent = "id"
task = "task"
profile = "profile"
respondent_columns = ["party"]
[attributes.price]
levels = ["low", "mid", "high"]
[attributes.colour]
levels = ["red", "green"]
[attributes.size]
levels = ["S", "M", "L"]
[outcomes.chosen]
kind = "choice"
column = "chosen"
positive = "1.0"
negative = "0.0"
[questions.party]
answers = ["Left", "Right"]
[thresholds]
suppress_below = 10
"""


ANSWERS = """\
[outcomes.view]
kind = "support"
label = "View"
column = "view"
positive = ["{0}"]
negative = ["{1}", "{2}", "{3}", "{4}"]
"""


def test_many_answers_of_any_script_stay_text_and_inside(open_page, small, simulated):
    known = [HOSTILE, GREEK, ARABIC, EMOJI, "<img src=x onerror=alert(1)>"]
    frame = simulated(8, n=120, tasks=3)
    frame["view"] = np.random.default_rng(80).choice(known, len(frame))
    toml = TOML.split("[outcomes.chosen]")[0] + ANSWERS.format(*known)
    wave = small.read(toml, frame.drop(columns=["weight", "rating"]).to_csv(index=False))
    tables = explorer_tables(wave)
    rows = support(wave, {"price": "low"}).frame
    for width in (1280, 390):
        explorer = open_page(wave.survey, tables, width)
        explorer.choose("a", 0, 0)
        explorer.chart()
        ((_, cells),) = explorer.shares()
        assert [cell[0] for cell in cells] == pytest.approx(100 * rows["estimate"], abs=ROUNDED)
        assert explorer.page.evaluate("window.hacked") is None
        assert explorer.page.locator("img").count() == 0
        assert HOSTILE in explorer.text("#shares thead")
        assert known[-1] in explorer.text("#said")
        assert explorer.spilling() == []


@pytest.mark.slow
def test_the_immigration_design_with_its_ties(open_page, immigration_restricted):
    wave = immigration_restricted
    explorer = open_page(wave.survey, explorer_tables(wave))
    names = list(wave.survey.attributes)
    job, education = names.index("Job"), names.index("Education")
    values = {name: wave.survey.attributes[name].values for name in names}
    explorer.choose("a", job, values["Job"].index("Doctor"))
    for level in ("No Formal", "High School"):
        assert option(explorer, f"#a-{education}", values["Education"].index(level))[0]
    explorer.choose("a", education, values["Education"].index("Graduate Degree"))
    package = {"Job": "Doctor", "Education": "Graduate Degree"}
    assert figure(explorer) == pytest.approx(wanted(wave, package), abs=ROUNDED)
    rng = np.random.default_rng(1)
    for name in names:
        if name not in ("Job", "Education"):
            free = [place for place in range(len(values[name])) if not option(explorer, f"#a-{names.index(name)}", place)[0]]  # fmt: skip
            explorer.choose("a", names.index(name), int(rng.choice(free)))
    notes = explorer.text("#notes")
    assert "rests on the model" in notes
    assert explorer.spilling() == []


# --- Attributes that are not always shown ---------------------------------------------------------


@pytest.fixture(scope="module")
def partial(simulated, as_wave):
    """Colour in one arm alone, size in some profiles; on the left it is beside each colour."""
    frame = simulated(14, n=300, tasks=6)
    number = frame["id"].astype("category").cat.codes
    frame["colour"] = frame["colour"].where(number % 2 == 0)
    beside = (frame["party"] == "Left") & frame["colour"].notna()
    frame["size"] = frame["size"].where(
        beside | (np.random.default_rng(14).random(len(frame)) < 0.6)
    )
    wave = as_wave(frame, presence={"colour": "some", "size": "some"})
    left = Segment(label="Left", where={"party": "Left"})
    wave = replace(wave, survey=wave.survey.model_copy(update={"segments": {"left": left}}))
    return wave, explorer_tables(wave)


# What the page computes before it rounds: packages and their opponents, by attribute the place of a state.
COMPUTED = """([algebra, asked]) => Function(`${algebra}
return (asked) => asked.map(([measure, group, one, two]) => {
  const model = modelOf(data.main, measure, group);
  const found = measure === "support" ? support(model, one) : headToHead(model, one, two);
  return found && [found.value, found.low, found.high];
})`)()(asked)"""


def states(wave, package):
    """A package as the page has it."""
    return [
        None if name not in package else len(own.values) if package[name] is None else own.values.index(package[name])
        for name, own in wave.survey.attributes.items()
    ]  # fmt: skip


def told(wave, package, by=None, against=None):
    """A figure and its interval; None where there is none."""
    try:
        row = support(wave, package, by, against=against).frame.iloc[0]
    except EstimationError:
        return None
    figures = row[["estimate", "conf_low", "conf_high"]].to_list()
    return None if np.isnan(figures[0]) else figures


def test_the_page_computes_what_support_does_shown_or_not(open_page, partial):
    wave, tables = partial
    explorer = open_page(wave.survey, tables)
    sizes = [*wave.survey.attributes["size"].values, None]
    packages = [
        {"price": "low"} | colour | {"size": size}
        for colour in ({}, {"colour": None}, {"colour": "red"})
        for size in sizes
    ]
    packages += [{"colour": None}, {"size": None}, {"colour": None, "size": None}]
    asked = [["support", place, own, None] for place in (0, 1) for own in packages]
    red = {"colour": "red"}
    asked += [
        ["head to head", 0, red | {"size": size}, red | {"size": None}] for size in sizes[:-1]
    ]
    asked += [["head to head", 0, red, {"colour": None}]]
    algebra = (files("conjoint.explorer") / "assets" / "algebra.js").read_text("utf-8")
    found = explorer.page.evaluate(
        COMPUTED,
        [
            algebra,
            [[how, at, *(own and states(wave, own) for own in two)] for how, at, *two in asked],
        ],
    )
    for (_, place, package, other), own in zip(asked, found, strict=True):
        wanted_row = told(wave, package, "left" if place else None, other)
        assert own == (wanted_row and pytest.approx(wanted_row, abs=2e-7)), package
    # Nobody on the left saw a colour without a size, and no task had a profile with and one without a colour.
    assert [own for own, answer in zip(asked, found, strict=True) if answer is None] == [
        ["support", 1, {"price": "low", "colour": "red", "size": None}, None],
        asked[-1],
    ]


ANSWERED = """([algebra, asked]) => Function(`${algebra}
return (asked) => asked.map(([outcome, group, one, two]) => {
  const place = data.outcomes.findIndex((own) => own.label === outcome), model = modelOf(place, "support", group);
  const shares = data.outcomes[place].shares.length ? answerShares(data.outcomes[place], "support", group, one) : [support(model, one)];
  const tasks = two && modelOf(place, "head to head", group);
  return [shares, tasks ? [headToHead(tasks, one, two)] : [], two ? [difference(model, one, two)] : []]
    .flat().map((own) => own && [own.value, own.low, own.high]);
})`)()(asked)"""


@pytest.mark.parametrize("sometimes", [False, True], ids=["always", "sometimes"])
def test_the_page_computes_logits_as_support_does(open_page, strong, sometimes):
    wave = strong(2, sometimes=sometimes, toml='[report]\noutcome = "view"\n')
    tables = explorer_tables(wave)
    explorer = open_page(wave.survey, tables)
    models = tables["explorer_models"].groupby(["outcome", "measure"])["model"].agg(set)
    assert models["chosen", "head to head"] == models["view", "support"] == {"logit"}
    algebra = (files("conjoint.explorer") / "assets" / "algebra.js").read_text("utf-8")
    packages = [{"price": "low"}, {"size": "L", "colour": "green"}, {"price": "low", "size": "L", "colour": "green"}]  # fmt: skip
    packages += [{"size": None}, {"price": "high", "size": None}] if sometimes else []
    other = {"price": "mid"}
    for outcome in ("chosen", "rating", "View"):
        asked = [(outcome, group, own, other if "price" in own else None) for group in (0, 1) for own in packages[group * 2 :]]  # fmt: skip
        found = explorer.page.evaluate(
            ANSWERED,
            [
                algebra,
                [
                    [label, group, states(wave, own), two and states(wave, own | two)]
                    for label, group, own, two in asked
                ],
            ],
        )
        for (_, group, own, two), page in zip(asked, found, strict=True):
            by, name = "left" if group else None, outcome.lower()
            scene = support(wave, own, by, outcome=name)
            figures, columns = [scene.figures], ["estimate", "conf_low", "conf_high"]
            if two:
                if outcome == "chosen":
                    figures.append(support(wave, own, by, outcome=name, against=two).figures)
                both = cj.stack([part.select(outcome=name) for part in (scene.figures, support(wave, own | two, by, outcome=name).figures)])  # fmt: skip
                figures.append(both.contrast(np.array([[1.0, -1.0]]), both.labels.iloc[[0]]))
            rows = [row for part in figures for row in part.frame[columns].to_numpy().tolist()]
            assert page == [pytest.approx(row, abs=2e-6) for row in rows], (outcome, group, own)
    assert "A logit gives the figures of" in explorer.text("#notes")


def test_not_shown_can_be_chosen_and_what_choices_do_not_tell_is_said(open_page, partial):
    wave, tables = partial
    explorer = open_page(wave.survey, tables, 390)
    colour, size = (list(wave.survey.attributes).index(name) for name in ("colour", "size"))
    assert explorer.page.locator("#a-0 option").count() == 1 + len(wave.survey.attributes["price"].values)  # fmt: skip
    absent = len(wave.survey.attributes["size"].values)
    assert option(explorer, f"#a-{size}", absent) == [False, "Not shown"]
    explorer.choose("a", size, absent)
    assert figure(explorer) == pytest.approx(wanted(wave, {"size": None}), abs=ROUNDED)
    assert "leaving out" not in explorer.text("#notes")
    explorer.choose("a", colour, len(wave.survey.attributes["colour"].values))
    scene = support(wave, {"colour": None, "size": None})
    assert figure(explorer) == pytest.approx(wanted(wave, {"colour": None, "size": None}), abs=ROUNDED)  # fmt: skip
    assert "do not tell what leaving out colour is worth" in explorer.text("#notes")
    (warning,) = [text for text in scene.warnings if "leaving it out" in text]
    assert warning.startswith("colour: ")
    assert explorer.spilling() == []


def test_what_is_not_always_shown_is_averaged_as_it_stands_beside_the_levels(open_page, partial):
    wave, tables = partial
    explorer = open_page(wave.survey, tables)
    names = list(wave.survey.attributes)
    packages = [
        {"price": "low"},
        {"colour": wave.survey.attributes["colour"].values[0]},
        {"size": "M", "price": "high"},
        {"colour": wave.survey.attributes["colour"].values[1], "size": "S"},
    ]
    for package in packages:
        explorer.again()
        for name, level in package.items():
            place = names.index(name)
            explorer.choose("a", place, wave.survey.attributes[name].values.index(level))
        assert figure(explorer) == pytest.approx(wanted(wave, package), abs=ROUNDED), package
    assert "Not every profile showed colour and size." in explorer.text("#how")
    assert option(explorer, "#a-0", "averaged")[1] == "Averaged over the design"
    assert "shown or not" in option(explorer, "#a-1", "averaged")[1]


def test_what_never_stood_in_one_profile_cannot_be_chosen_together(open_page, simulated, as_wave):
    frame = simulated(15, n=200, tasks=4)
    first = frame["id"].astype("category").cat.codes % 2 == 0  # two arms
    frame["colour"], frame["size"] = frame["colour"].where(first), frame["size"].where(~first)
    wave = as_wave(frame, presence={"colour": "some", "size": "some"})
    explorer = open_page(wave.survey, explorer_tables(wave), 390)
    explorer.choose("a", 1, 0)
    assert option(explorer, "#a-2", 0)[0] is True
    assert explorer.chart()
    colour = wave.survey.attributes["colour"].values[0]
    assert figure(explorer) == pytest.approx(wanted(wave, {"colour": colour}), abs=ROUNDED)
    assert explorer.spilling() == []
