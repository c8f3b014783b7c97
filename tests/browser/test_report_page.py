"""The report in a browser: from disk, without a network, on a desk and on a phone."""

import shutil

import pytest

pytestmark = pytest.mark.browser

FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
WIDTHS = {"desk": 1200, "phone": 390}


@pytest.fixture(scope="module")
def browser():
    program = next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
    )
    if program is None:
        pytest.skip("no Chromium on PATH: install the system's package to run browser tests")
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture(params=WIDTHS, scope="module")
def page(request, browser, report_page):
    page = browser.new_page(viewport={"width": WIDTHS[request.param], "height": 900})
    page.asked, page.said = [], []
    page.on("request", lambda asked: page.asked.append(asked.url))
    page.on("console", lambda message: page.said.append(message.text))
    page.goto(report_page.as_uri())
    page.wait_for_load_state("networkidle")
    page.wide = WIDTHS[request.param] > 640
    yield page
    page.close()


def test_it_asks_for_nothing_but_itself(page, report_page):
    asked = [url for url in page.asked if not url.startswith("data:")]
    assert asked == [report_page.as_uri()]
    assert page.said == []


def test_nothing_runs_over_the_edge(page):
    width = page.viewport_size["width"]
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    spilling = page.evaluate(
        """width => [...document.querySelectorAll('body *')]
            .filter(e => !e.closest('.scroll') && e.getBoundingClientRect().right > width + 1)
            .map(e => e.outerHTML.slice(0, 80))""",
        width,
    )
    assert spilling == []


def test_lines_are_short_enough_to_read(page):
    assert page.evaluate("document.body.getBoundingClientRect().width") <= 44 * 17 + 40


def test_every_picture_is_the_one_drawn_for_this_width(page):
    shapes = page.evaluate(
        """() => [...document.querySelectorAll('figure img')]
            .map(i => [i.complete, i.naturalWidth, i.getBoundingClientRect().width])"""
    )
    assert len(shapes) == page.locator("figure.chart").count() > 10
    drawn = 1440 if page.wide else 750
    assert {(complete, natural) for complete, natural, _ in shapes} == {(True, drawn)}
    inches = 7.2 if page.wide else 3.75
    # 9 point text, the smallest drawn, is at least 9 CSS pixels tall where it is shown.
    assert min(shown / inches * 9 / 72 for _, _, shown in shapes) >= 9


def test_the_figures_of_a_chart_are_one_click_away(page):
    details = page.locator("figure details").first
    table = details.locator("table")
    assert not table.is_visible()
    details.locator("summary").click()
    assert table.is_visible()
    assert "Labour voters" in table.inner_text()
    details.locator("summary").click()


def test_axe_finds_nothing_that_matters(page):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    found = axe.Axe().run(page).response["violations"]
    grave = [
        (fault["id"], [node["html"][:100] for node in fault["nodes"]][:3])
        for fault in found
        if fault["impact"] in ("moderate", "serious", "critical")
    ]
    assert grave == []


def test_it_prints_without_cutting_a_chart(page):
    page.emulate_media(media="print")
    rules = page.evaluate(
        """() => [...document.querySelectorAll('figure')]
            .map(f => getComputedStyle(f).breakInside)"""
    )
    page.emulate_media(media="screen")
    assert set(rules) == {"avoid"}


def test_each_segment_is_one_printed_page(browser, report_page):
    """A4 less the margins of the style sheet, at 96 dots an inch; fonts are this machine's."""
    wide, high = (184 * 96 / 25.4, 267 * 96 / 25.4)
    page = browser.new_page(viewport={"width": int(wide), "height": int(high)})
    page.emulate_media(media="print")
    page.goto(report_page.as_uri())
    page.wait_for_load_state("networkidle")
    heights = page.evaluate(
        "() => [...document.querySelectorAll('.segment')].map(s => s.getBoundingClientRect().height)"
    )
    page.close()
    assert len(heights) == 3
    assert max(heights) <= high


def test_a_mark_is_not_printed_over_the_line_under_it(browser, report_page):
    page = browser.new_page(viewport={"width": 695, "height": 1009})
    page.emulate_media(media="print")
    page.goto(report_page.as_uri())
    gaps = page.evaluate(
        """() => [...document.querySelectorAll('.fragility')].map(f =>
            f.querySelector('p').getBoundingClientRect().top
            - f.previousElementSibling.querySelector('.verdict').getBoundingClientRect().bottom)"""
    )
    page.close()
    assert gaps
    assert min(gaps) >= 0
