"""The explorer in a browser: every control changes the figures to what Python computes."""

import json
import re
import shutil
from itertools import product

import numpy as np
import pandas as pd
import pytest
from explorer_driver import FLAGS, ROUNDED, SURVEY, WIDTHS, Explorer, numbers

import conjoint as cj
from conjoint.analysis.core import observed_grid
from conjoint.explorer import explorer_fragment, explorer_page
from conjoint.plot import grid_chart
from conjoint.say.label import group_label, level_label
from conjoint.say.phrase import PART, spoken
from conjoint.say.words import days
from conjoint.scenario import support, trade_off
from conjoint.scenario.explorer import explorer_tables
from conjoint.survey import INTERLOCK

pytestmark = pytest.mark.browser

LABELS = {
    "Total": "All",
    "labour_voters": "Labour voters",
    "right_switchers": "Right switchers",
    "progressive_switchers": "Progressive switchers",
}


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


@pytest.fixture(scope="module")
def wave():
    return cj.rake(cj.read_wave(SURVEY))


@pytest.fixture(scope="module")
def tables(wave):
    return explorer_tables(wave) | observed_grid(wave)


@pytest.fixture(scope="module")
def path(wave, tables, tmp_path_factory):
    path = tmp_path_factory.mktemp("explorer") / "explorer.html"
    path.write_text(explorer_page(wave.survey, tables, {"command": "conjoint explore"}), "utf-8")
    return path


@pytest.fixture(params=WIDTHS, scope="module")
def explorer(request, browser, path):
    opened = Explorer(browser, path, WIDTHS[request.param])
    yield opened
    opened.close()


@pytest.fixture(autouse=True)
def _from_the_start(request):
    if "explorer" in request.fixturenames:
        request.getfixturevalue("explorer").again()


@pytest.fixture(scope="module")
def asked(wave):
    """`support` for a package in all groups, each package asked for once."""
    known = {}

    def ask(package, outcome="choice", **options):
        key = (tuple(package.items()), outcome, str(options))
        if key not in known:
            known[key] = [
                support(wave, package, by, outcome=outcome, **options) for by in (None, "segments")
            ]
        return known[key]

    return ask


def percent(scenes, outcome):
    """Estimate and interval by group's label, in percent."""
    found = {}
    for scene in scenes:
        frame = scene.figures.select(outcome=outcome).frame
        for row in frame.itertuples():
            found[LABELS[row.group]] = [100 * row.estimate, 100 * row.conf_low, 100 * row.conf_high]
    return found


def agree(shown, wanted):
    assert list(shown) == list(wanted)
    for group, cells in shown.items():
        assert cells == pytest.approx(wanted[group], abs=ROUNDED), group


def drawn_packages(wave, count, seed):
    """Packages of some attributes, by place."""
    rng = np.random.default_rng(seed)
    names = list(wave.survey.attributes)
    for _ in range(count):
        chosen = sorted(rng.choice(len(names), rng.integers(1, 4), replace=False))
        yield {
            int(place): int(rng.integers(len(wave.survey.attributes[names[place]].levels)))
            for place in chosen
        }


def keyed(wave, package):
    names = list(wave.survey.attributes)
    return {
        names[place]: wave.survey.attributes[names[place]].values[level]
        for place, level in package.items()
    }


def one_package(explorer):
    """Base, and figure with its interval, of the table of one package."""
    return {group: [*figure, *ends] for group, (_, figure, ends) in explorer.table().items()}


def test_each_level_chosen_changes_the_figures_to_what_python_computes(explorer, wave, asked):
    package = {}
    before = one_package(explorer)
    for place, level in enumerate((2, 4, 1, 2, 2)):
        explorer.choose("a", place, level)
        package[place] = level
        shown = one_package(explorer)
        assert shown != before
        agree(shown, percent(asked(keyed(wave, package)), "choice"))
        before = shown


@pytest.mark.parametrize("outcome", ["choice", "support"])
def test_any_package_of_any_outcome(explorer, wave, asked, outcome):
    explorer.page.select_option("#outcome", str(list(wave.survey.outcomes).index(outcome)))
    for package in drawn_packages(wave, 3, seed=4):
        for place in range(5):
            explorer.choose("a", place, package.get(place, "averaged"))
        wanted = percent(asked(keyed(wave, package), outcome), outcome)
        agree(one_package(explorer), wanted)
        said = explorer.text("#said")
        assert f"{wanted['All'][0]:.1f}%" in said
        for own, described in zip(wanted.values(), explorer.chart(), strict=True):
            assert f"{own[0]:.1f}%" in described


ANSWERS = ["support", "support: Oppose", "support: Don't know"]


def each_answer(scenes):
    """By group's label the figures of each answer, in percent."""
    told = [percent(scenes, outcome) for outcome in ANSWERS]
    return {group: [own[group] for own in told] for group in told[0]}


def test_all_answers_are_those_of_python(explorer, wave, asked):
    assert not explorer.page.is_visible("#answers-part")  # a choice has none
    explorer.page.select_option("#outcome", "1")
    heads = explorer.page.eval_on_selector_all("#shares thead th", "all => all.map(own => own.innerText)")  # fmt: skip
    assert heads == ["Group", "Support", "Oppose", "Don't know"]
    before = explorer.shares()
    for package in drawn_packages(wave, 3, seed=7):
        for place in range(5):
            explorer.choose("a", place, package.get(place, "averaged"))
        wanted = each_answer(asked(keyed(wave, package), "support"))
        shown = explorer.shares()
        assert shown != before
        assert [head.split("\n")[0] for head, _ in shown] == list(wanted)
        for (_, cells), own in zip(shown, wanted.values(), strict=True):
            for cell, figures in zip(cells, own, strict=True):
                assert cell == pytest.approx(figures, abs=ROUNDED)
            assert sum(cell[0] for cell in cells) == pytest.approx(100, abs=3 * ROUNDED)
        for answer, own in zip(("Oppose", "Don't know"), wanted["All"][1:], strict=True):
            assert f"{answer} {own[0]:.1f}% ({own[1]:.1f} to {own[2]:.1f})" in explorer.text(
                "#said"
            )
        before = shown
    assert "base 97" in shown[2][0]
    assert "caution: under 100" in shown[2][0]


def test_bars_are_as_long_as_their_shares(explorer):
    explorer.page.select_option("#outcome", "1")
    explorer.choose("a", 0, 3)
    bars = explorer.page.eval_on_selector_all(
        "#shares .stack",
        """all => all.map(bar => [bar.getBoundingClientRect().width,
            ...[...bar.children].map(own => own.getBoundingClientRect().width)])""",
    )
    for (whole, *parts), (_, cells) in zip(bars, explorer.shares(), strict=True):
        assert len(parts) == 3
        for part, (share, *_) in zip(parts, cells, strict=True):
            assert 100 * part / (whole - 4) == pytest.approx(share, abs=0.3)


def test_all_answers_of_two_packages(explorer, wave, asked):
    explorer.page.select_option("#outcome", "1")
    a, b = {0: 2, 1: 4}, {0: 3}
    for place, level in a.items():
        explorer.choose("a", place, level)
    explorer.page.check("#compare")
    explorer.choose("b", 0, b[0])
    shown = explorer.shares()
    one, two = (each_answer(asked(keyed(wave, own), "support")) for own in (a, a | b))
    wanted = [own[group] for group in one for own in (one, two)]
    assert len(shown) == len(wanted) == 8
    for (head, cells), own, letter in zip(shown, wanted, "AB" * 4, strict=True):
        assert f"package {letter}" in head
        for cell, figures in zip(cells, own, strict=True):
            assert cell == pytest.approx(figures, abs=ROUNDED)
    # Whoever does not see the table hears whose row the second package's is.
    heads = explorer.page.eval_on_selector_all("#shares tr.figures th", "all => all.map(own => own.textContent)")  # fmt: skip
    assert heads[3] == "Labour voters, package B"
    assert explorer.spilling() == []
    assert grave(explorer) == []
    assert explorer.faults() == []


def test_a_second_package_is_compared_head_to_head(explorer, wave, asked):
    a, b = {0: 2, 1: 4}, {0: 3, 2: 2}
    for place, level in a.items():
        explorer.choose("a", place, level)
    explorer.page.check("#compare")
    assert "same as package A" in explorer.text("#said")
    for place, level in b.items():
        before = explorer.table()
        explorer.choose("b", place, level)
        assert explorer.table() != before
    # What package B leaves out is as in package A.
    one, two = asked(keyed(wave, a)), asked(keyed(wave, a | b))
    over = asked(keyed(wave, a), against=keyed(wave, a | b))
    wanted_a, wanted_b = percent(one, "choice"), percent(two, "choice")
    wanted_over = percent(over, "choice")
    for group, (shown_a, shown_b, less, head) in explorer.table().items():
        assert shown_a == pytest.approx(wanted_a[group], abs=ROUNDED)
        assert shown_b == pytest.approx(wanted_b[group], abs=ROUNDED)
        assert head == pytest.approx(wanted_over[group], abs=ROUNDED)
        scene = [part for part in zip(one, two, strict=True) if group in percent(part, "choice")]
        key = next(key for key, label in LABELS.items() if label == group)
        figures = cj.stack([own.figures.select(outcome="choice", group=key) for own in scene[0]])
        contrast = figures.contrast(np.array([[1.0, -1.0]]), figures.labels.iloc[[0]]).frame.iloc[0]
        assert less == pytest.approx([100 * contrast[name] for name in ("estimate", "conf_low", "conf_high")], abs=ROUNDED)  # fmt: skip
    assert len(explorer.chart()) == 8
    # Averaged over the design although package A has a level there.
    explorer.choose("b", 1, "averaged")
    rest = percent(asked(keyed(wave, b)), "choice")
    assert explorer.table()["Labour voters"][1] == pytest.approx(rest["Labour voters"], abs=ROUNDED)
    # Support is not chosen between two, so there is no head to head.
    explorer.page.select_option("#outcome", "1")
    assert "chosen over" not in explorer.text("#figures thead")


def test_a_package_against_itself_is_even(explorer):
    explorer.choose("a", 0, 1)
    explorer.page.check("#compare")
    for _, _, less, head in explorer.table().values():
        assert less == [0, 0, 0]
        assert head == [50, 50, 50]


# By column and row heads, the lines of the cell that is there, and how many rows and columns it spans.
SPANNED = """() => {
  const [head, ...rows] = document.querySelector("#grid table").rows, heads = [...head.cells].slice(1), taken = {}, found = [];
  rows.forEach((row, y) => {
    let x = 0;
    for (const cell of [...row.cells].slice(1)) {
      while (taken[[x, y]]) x += 1;
      for (let i = 0; i < cell.colSpan; i += 1) for (let j = 0; j < cell.rowSpan; j += 1) {
        taken[[x + i, y + j]] = true;
        found.push([heads[x + i].innerText, rows[y + j].cells[0].innerText, cell.innerText.trim().split("\\n"), cell.rowSpan * cell.colSpan]);
      }
      x += cell.colSpan;
    }
  });
  return found;
}"""


def grid_cells(explorer):
    return {(one, two): (lines, size) for one, two, lines, size in explorer.page.evaluate(SPANNED)}


def levels_of(joint):
    """The levels of both attributes that each row holds."""
    for row in joint.itertuples():
        yield row.across.split(INTERLOCK), row.down.split(INTERLOCK)


def test_the_grid_has_the_texts_of_the_report_for_every_group(explorer, wave, tables):
    survey, joint = wave.survey, tables["joint_means"]
    offered = explorer.page.eval_on_selector_all(
        "#grid-group option", "all => all.map(own => [own.textContent, own.disabled])"
    )
    figures = 0
    for (name, hidden), group in zip(offered, ("Total", *survey.segments), strict=True):
        label, own = group_label(survey, group), joint[joint["group"] == group]
        chart = grid_chart(survey, joint, group)
        assert hidden == chart.empty
        assert name == (f"{label} – too few people saw each pair" if hidden else label)
        if hidden:
            continue
        explorer.page.select_option("#grid-group", label=label)
        for outcome in ("0", "1"):  # whatever is chosen above
            explorer.page.select_option("#outcome", outcome)
            explorer.choose("a", 2, outcome)
            shown, cells = grid_cells(explorer), 0
            for row, levels, reading in zip(
                chart.data.itertuples(index=False), levels_of(own), own["reading"], strict=True
            ):
                _, _, share, low, high, people = row
                mark = "!" if reading == "caution" else ""
                wanted = [share, f"{low} to {high}".replace("%", ""), f"base {people}{mark}"]
                if share == "not shown":
                    small = int(people) < survey.thresholds.suppress_below
                    wanted = ["–", f"base {people}:", "too small" if small else "not shown"]
                names = [
                    [level_label(survey, key, value) for value in values]
                    for key, values in zip(survey.report.grid, levels, strict=True)
                ]
                for pair in product(*names):
                    assert shown[pair] == (wanted, len(names[0]) * len(names[1]))
                    cells += 1
                figures += share != "not shown"
            assert len(shown) == cells == 20
    assert figures == 2 * int(joint["estimate"].notna().sum()) > 100
    assert "Deal supported" in explorer.text("#grid-title")
    assert "observed" in explorer.text("#grid-title")


def put_together(joint, group):
    """One group's cells with the first two and the last two levels of the first attribute in one."""
    made = [joint[joint["group"] == "Total"]]
    for first, second in (("5000", "10000"), ("20000", "40000")):
        rows = made[0][made[0]["across"] == first]
        made.append(
            rows.assign(
                group=group, across=f"{first}{INTERLOCK}{second}", n_respondents=61, reading="caution",
                level=f"{first}{INTERLOCK}{second}{INTERLOCK}" + rows["down"],
            )
        )  # fmt: skip
    return pd.concat(made, ignore_index=True)


@pytest.mark.parametrize("width", WIDTHS.values())
def test_levels_that_are_put_together_span_their_columns(browser, wave, tables, tmp_path, width):
    joint, path = put_together(tables["joint_means"], "right_switchers"), tmp_path / "merged.html"
    page = explorer_page(wave.survey, tables | {"joint_means": joint}, {})
    path.write_text(page, "utf-8")
    explorer = Explorer(browser, path, width)
    explorer.page.select_option("#outcome", "1")
    explorer.page.select_option("#grid-group", label="Right switchers")
    cells = grid_cells(explorer)
    assert len(cells) == 20
    assert {size for _, size in cells.values()} == {2}
    labels = [level_label(wave.survey, "cap", own) for own in wave.survey.attributes["cap"].values]
    assert list(dict.fromkeys(head for head, _ in cells)) == labels
    button = explorer.page.locator("#grid td button").first
    assert button.is_disabled()
    assert "cannot be chosen as a package" in button.get_attribute("aria-label")
    assert "not one package" in explorer.text("#grid-note")
    # Beside the modelled figure of a package stands the cell that holds it, with the names of all its levels.
    explorer.choose("a", 0, 1)
    explorer.choose("a", 1, 0)
    rows = {head.split("\n")[0]: cell for head, cell, _ in explorer.raw_table("figures")}
    assert "base 61!" in rows["Right switchers"]
    assert re.search(
        "levels put together: 5,000 .*or 10,000 a year.*No reduction", rows["Right switchers"]
    )
    assert "put together" not in rows["All"]
    # Groups of which no cell may be shown say so.
    assert "too few people" in rows["Labour voters"]
    assert "Labour voters – too few people saw each pair" in explorer.text("#grid-group")
    assert explorer.spilling() == []
    assert grave(explorer) == []
    assert explorer.faults() == []
    explorer.close()


def test_a_cell_of_the_grid_chooses_its_levels(explorer):
    explorer.page.select_option("#grid-group", label="Labour voters")
    explorer.page.click("#cell-4-2")
    assert explorer.page.get_attribute("#cell-4-2", "aria-pressed") == "true"
    assert explorer.page.input_value("#a-0") == "2"
    assert explorer.page.input_value("#a-1") == "4"
    explorer.choose("a", 0, "averaged")
    assert explorer.page.locator("#grid td button[aria-pressed=true]").count() == 0


def test_what_was_observed_stands_beside_what_is_modelled(explorer, wave, tables, asked):
    survey = wave.survey
    explorer.page.select_option("#outcome", "1")
    explorer.choose("a", 0, 2)
    assert "Observed" not in explorer.text("#result")  # one level of the pair is not a cell
    explorer.choose("a", 1, 4)
    joint = tables["joint_means"]
    modelled = percent(asked({"cap": "20000", "reduction": "90%"}, "support"), "support")
    rows, texts = (
        explorer.table(),
        {head.split("\n")[0]: cell for head, cell, _ in explorer.raw_table("figures")},
    )
    for group, label in LABELS.items():
        own = joint[joint["group"] == group]
        holds = [
            place
            for place, (one, two) in enumerate(levels_of(own))
            if "20000" in one and "90%" in two
        ]
        row = own.iloc[holds].squeeze()
        observed, figure = rows[label]
        assert figure[:3] == pytest.approx(modelled[label], abs=ROUNDED)
        assert figure[3] == (wave.n_respondents if group == "Total" else wave.segment(group).sum())
        ends = [100 * row[name] for name in ("estimate", "conf_low", "conf_high")]
        assert observed[:3] == pytest.approx(ends, abs=ROUNDED)
        assert observed[3] == row["n_respondents"]
        assert ("put together" in texts[label]) == (INTERLOCK in row["across"] + row["down"])
    said, total = (
        explorer.text("#said"),
        joint.set_index(["group", "level"]).loc[("Total", "20000 * 90%")],
    )
    assert said.startswith("Observed: among British adults, deals with")
    assert f"{100 * total['estimate']:.1f}%" in said.split("Modelled:")[0]
    assert f"{modelled['All'][0]:.1f}%" in said.split("Modelled:")[1]
    assert level_label(survey, "reduction", "90%") in said
    # Of two packages, each that names the pair; of another outcome none.
    explorer.page.check("#compare")
    explorer.choose("b", 0, 3)
    assert {len(cells) for cells in explorer.table().values()} == {5}
    assert said.split("Modelled:")[0] in explorer.text("#said")
    explorer.choose("b", 1, "averaged")
    assert {len(cells) for cells in explorer.table().values()} == {4}
    explorer.page.select_option("#outcome", "0")
    assert "Observed" not in explorer.text("#result") + explorer.text("#said")
    assert "odelled" in explorer.text("#said")


@pytest.fixture(scope="module")
def traded(wave):
    """`trade_off` by group, each asked for once."""
    known = {}

    def trade(give, take, start):
        if (give, take, start) not in known:
            total, segments = (
                trade_off(wave, give, take, by, outcome="choice", start={give: start}).frame
                for by in (None, "segments")
            )
            known[give, take, start] = {
                name: own.reset_index(drop=True)
                for frame in (total, segments)
                for name, own in frame.groupby("group", sort=False)
            }
        return known[give, take, start]

    return trade


def test_each_control_of_the_trade_off(explorer, wave, traded):
    page = explorer.page
    seen = set()
    for take, give, start in (("reduction", "cap", 5000), ("reduction", "cap", 20000), ("cap", "returned", 20)):  # fmt: skip
        page.select_option("#take", label=wave.survey.attribute_label(take))
        page.select_option("#give", label=wave.survey.attribute_label(give))
        level = next(own for own in wave.survey.attributes[give].levels if own.number == start)
        text = page.eval_on_selector_all("#start option", "all => all.map(own => own.textContent)")
        page.select_option("#start", index=next(i for i, own in enumerate(text) if own.startswith(level.label)))  # fmt: skip
        made = traded(give, take, start)
        questions = page.locator("#question option").count()
        assert questions == len(made["Total"])
        for place in range(questions):
            page.select_option("#question", str(place))
            shown = explorer.raw_table("trades")
            seen.add(str(shown))
            for frame, row in zip(made.values(), shown, strict=True):
                check_trade(frame.iloc[place], row)
    assert len(seen) > 15


def check_trade(wanted, row):
    assert numbers(row[1]) == pytest.approx([100 * wanted[name] for name in ("gain", "gain_low", "gain_high")], abs=ROUNDED)  # fmt: skip
    assert numbers(row[2]) == pytest.approx([-100 * wanted[name] for name in ("loss", "loss_high", "loss_low")], abs=ROUNDED)  # fmt: skip
    if np.isnan(wanted["estimate"]):
        assert "cannot be estimated" in row[3]
        assert wanted["reading"].removeprefix("not estimable: ") in row[3]
        return
    assert "cannot be estimated" not in row[3]
    # Three digits are shown: half of the last is at most one in two hundred.
    assert numbers(row[3])[0] == pytest.approx(wanted["estimate"], rel=0.0051, abs=0.0051)
    assert ("no upper end" in row[3]) == np.isinf(wanted["fieller_high"])
    assert ("no lower end" in row[3]) == np.isinf(wanted["fieller_low"])


def test_what_to_be_careful_of_is_said(explorer, wave, asked):
    for place, level in enumerate((0, 0, 0, 0, 0)):
        explorer.choose("a", place, level)
    _, scenes = asked(keyed(wave, dict.fromkeys(range(5), 0)))
    notes = explorer.text("#notes")
    never = [LABELS[own] for own in scenes.frame.query("shown_respondents == 0")["group"]]
    assert ("No respondent" in notes) == bool(never)
    assert "Fewer than 50 people" in notes
    assert "Adding up:" in notes or "do not simply add up" in notes
    assert "Caution: fewer than 100 people among right switchers" in notes
    assert "caution: under 100" in explorer.text("#figures")
    assert "Nothing on this page may be quoted as a finding" in explorer.text(".banner")


def test_it_asks_for_nothing_and_complains_of_nothing(explorer):
    explorer.choose("a", 0, 1)
    explorer.page.check("#compare")
    explorer.chart()
    assert explorer.faults() == []


def test_nothing_runs_over_the_edge(explorer):
    assert explorer.spilling() == []
    explorer.page.check("#compare")
    explorer.choose("b", 2, 1)
    explorer.chart()
    assert explorer.spilling() == []
    right = explorer.page.evaluate(
        """() => Math.max(...[...document.querySelectorAll('#chart svg text')]
            .map(text => text.getBoundingClientRect().right))"""
    )
    assert right <= explorer.page.viewport_size["width"]


def grave(explorer, page=None):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    found = axe.Axe().run(page or explorer.page).response["violations"]
    return [
        (fault["id"], fault["impact"], [node["html"][:120] for node in fault["nodes"]][:3])
        for fault in found
        if fault["impact"] in ("serious", "critical")
    ]


def test_axe_finds_nothing_serious(explorer):
    assert grave(explorer) == []
    explorer.page.check("#compare")
    explorer.choose("b", 0, 1)
    explorer.chart()
    assert grave(explorer) == []


def test_the_keyboard_is_enough(explorer, wave, asked):
    page = explorer.page
    page.focus("#outcome")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "a-0"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert page.input_value("#a-0") == "1"
    agree(one_package(explorer), percent(asked(keyed(wave, {0: 1})), "choice"))
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    for _ in range(5):
        page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "compare"
    page.keyboard.press("Space")
    assert page.is_visible("#package-b")
    page.keyboard.press("Space")
    page.focus("#cell-1-1")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "cell-1-1"
    assert page.get_attribute("#cell-1-1", "aria-pressed") == "true"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "cell-1-2"


def test_the_result_is_told_to_those_who_do_not_see_it(explorer):
    page = explorer.page
    assert page.get_attribute("#said", "aria-live") == "polite"
    unnamed = page.eval_on_selector_all(
        "select, input, button",
        "all => all.filter(one => !one.labels?.length && !one.innerText).length",
    )
    assert unnamed == 0
    heads = page.eval_on_selector_all(
        "#figures th", "all => all.map(one => one.getAttribute('scope'))"
    )
    assert set(heads) == {"col", "row"}
    assert "Modelled figures by group." in page.get_attribute("#chart > div", "aria-label")


def test_it_prints_the_figures_without_the_buttons(explorer):
    explorer.page.emulate_media(media="print")
    assert not explorer.page.is_visible("#reset")
    assert explorer.page.is_visible("#figures")
    explorer.page.emulate_media(media="screen")


def test_it_stands_in_a_frame_of_another_page(browser, wave, tables, tmp_path):
    path = tmp_path / "report.html"
    fragment = explorer_fragment(wave.survey, tables, {})
    assert "\n" not in fragment
    assert len(fragment) < 1_300_000
    assert len(explorer_page(wave.survey, tables, {}).encode()) < 1_500_000
    path.write_text(
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Report</title>'
        f"<body><main><h1>Report</h1>{fragment}</main></body></html>",
        "utf-8",
    )
    page = browser.new_page(viewport={"width": 800, "height": 900})
    asked, said = [], []
    page.on("request", lambda own: asked.append(own.url))
    page.on("console", lambda message: said.append(message.text))
    page.goto(path.as_uri())
    frame = page.frame_locator("iframe.explorer")
    frame.locator("#chart svg").wait_for()
    before = frame.locator("#said").inner_text()
    frame.locator("#a-0").select_option("1")
    assert frame.locator("#said").inner_text() != before
    assert frame.locator(".banner").is_visible()
    inside, heights = page.frames[1], []
    for tick in (True, False):
        frame.locator("#compare").set_checked(tick)
        page.wait_for_timeout(150)
        heights.append(page.locator("iframe").bounding_box()["height"])
        assert abs(heights[-1] - inside.evaluate("document.body.offsetHeight")) < 8
        assert inside.evaluate(
            "document.documentElement.scrollHeight <= document.documentElement.clientHeight"
        )
    assert heights[0] > heights[1]
    assert [url for url in asked if url not in (path.as_uri(), "about:srcdoc")] == []
    assert said == []
    assert page.get_attribute("iframe", "title")
    page.close()


# --- Sentences ------------------------------------------------------------------------------------


def strings(data):
    """Every text in the page's data but its sentences."""
    if isinstance(data, dict):
        for key, own in data.items():
            yield from strings(own) if key != "phrases" else ()
    elif isinstance(data, list):
        for own in data:
            yield from strings(own)
    elif isinstance(data, str):
        yield data


def test_every_sentence_is_one_of_the_phrases(browser, wave, tables, tmp_path):
    """With nothing but the places of each phrase left no word is on the page but the survey's and figures."""
    survey, path = wave.survey, tmp_path / "silent.html"
    with spoken(lambda _, text: "·".join(f"{{{own}}}" for own in PART.findall(text)) or "·"):
        path.write_text(explorer_page(survey, tables, {"weighting": {"weighted": True}}), "utf-8")
    data = json.loads(re.search(r'id="data">(.*?)</script>', path.read_text("utf-8"), re.S)[1])
    known = [
        *strings(data),
        survey.client,
        survey.pollster,
        survey.synthetic_note,
        survey.weighting.text,
    ]
    known += [days(survey.fieldwork), *(part for own in data["words"] for part in own.split("; "))]
    known += [own[:1].upper() + own[1:] for own in known]
    known = sorted({own for own in known if len(own) > 2}, key=len, reverse=True)
    explorer, seen = Explorer(browser, path, 1280), 0
    explorer.page.evaluate("document.querySelector('noscript').remove()")  # its text is markup
    for outcome, levels, group, pair in (
        (0, [], 0, False),
        (1, [2, 3], 3, False),
        (1, [2, 3], 1, True),
        (0, [0, 0, 0, 0, 0], 0, True),
    ):
        explorer.again()
        explorer.page.select_option("#outcome", str(outcome))
        for place, level in enumerate(levels):
            explorer.choose("a", place, level)
        explorer.page.select_option("#grid-group", index=group)
        if pair:
            explorer.page.check("#compare")
            explorer.choose("b", 0, 3)
        explorer.chart()
        texts = explorer.page.evaluate(
            """() => [document.title, document.querySelector("main").textContent, ...["aria-label", "title", "alt"].flatMap(
                (name) => [...document.querySelectorAll(`[${name}]`)].map((own) => own.getAttribute(name)))]"""
        )
        for text in texts:
            left = text
            for own in known:
                left = left.replace(own, " ")
            left = re.sub(r"(?<=\d) to (?=[<>+−]?\d)|\bp [<=>]", " ", left)
            seen += len(text)
            assert re.findall(r"[^\W\d_]{2,}", left) == [], text[:300]
    assert seen > 20_000
    assert explorer.faults() == []
    explorer.close()
