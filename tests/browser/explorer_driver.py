"""Drive the explorer's page as a person does, and read what it shows."""

import re

from conftest import ROOT

SURVEY = ROOT / "surveys" / "routes_for_returns_2026"
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
WIDTHS = {"desk": 1280, "phone": 390}

ROUNDED = 0.0501
"""Half of the last decimal shown."""


def numbers(text):
    """The numbers in a text, as they are read."""
    return [
        float(found)
        for found in re.findall(r"-?\d[\d,]*\.?\d*", text.replace("−", "-").replace(",", ""))
    ]


class Explorer:
    """One opened page."""

    def __init__(self, browser, path, width):
        self.page = browser.new_page(viewport={"width": width, "height": 900})
        self.asked, self.said = [], []
        self.page.on("request", lambda asked: self.asked.append(asked.url))
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("dialog", lambda dialog: self.said.append(f"dialog {dialog.message}"))
        self.url = path.as_uri()
        self.page.goto(self.url)
        self.page.wait_for_selector("#chart svg")

    def choose(self, letter, place, value):
        self.page.select_option(f"#{letter}-{place}", str(value))

    def again(self):
        self.page.click("#reset")
        self.page.select_option("#outcome", "0") if self.page.is_visible("#outcome") else None

    def text(self, selector):
        return self.page.inner_text(selector)

    def table(self, name="figures"):
        """Rows by group: the numbers of each other cell."""
        rows = self.page.eval_on_selector_all(
            f"#{name} tbody tr",
            """rows => rows.map(row => [row.querySelector('th').childNodes[1].textContent,
                ...[...row.querySelectorAll('td')].map(cell => cell.innerText)])""",
        )
        return {group: [numbers(cell) for cell in cells] for group, *cells in rows}

    def raw_table(self, name):
        return self.page.eval_on_selector_all(
            f"#{name} tbody tr",
            "rows => rows.map(row => [...row.cells].map(cell => cell.innerText))",
        )

    def shares(self):
        """All answers: a row a group and package, its head and the numbers of each answer's cell."""
        rows = self.page.eval_on_selector_all(
            "#shares tr.figures",
            "rows => rows.map(row => [...row.cells].map(cell => cell.innerText))",
        )
        return [(head, [numbers(cell) for cell in cells]) for head, *cells in rows]

    def chart(self):
        """What the chart's marks are described as."""
        self.page.wait_for_timeout(60)
        return self.page.eval_on_selector_all(
            "#chart .mark-symbol [aria-label]",
            "marks => marks.map(mark => mark.getAttribute('aria-label'))",
        )

    def faults(self):
        """What went wrong: words on the console, and anything asked of the network."""
        return self.said + [
            url for url in self.asked if url != self.url and not url.startswith("data:")
        ]

    def spilling(self):
        """What runs over the edge."""
        width = self.page.viewport_size["width"]
        wide = self.page.evaluate("document.documentElement.scrollWidth")
        return ([f"page {wide}"] if wide > width else []) + self.page.evaluate(
            """width => [...document.querySelectorAll('body *')]
                .filter(e => !e.closest('.scroll') && e.getBoundingClientRect().right > width + 1)
                .map(e => e.outerHTML.slice(0, 120))""",
            width,
        )

    def close(self):
        self.page.close()
