"""The explorer's script writes numbers by the rule of `say/number.py`."""

import json
import shutil
import subprocess
from importlib.resources import files
from math import gcd

import pytest

from conjoint.say.measure import CHANGED, SHARE
from conjoint.say.number import amount, base, p_value, percent, rounded

MOST = 2000
"""The largest base of which every share is written."""

SHARES = """
const texts = [];
for (let n = 1; n <= MOST; n += 1) {
  const line = [];
  for (let k = 0; k <= n; k += 1) if (gcd(k, n) === 1) line.push(percent(k / n, 0), percent(k / n, 1));
  texts.push(line.join(" "));
}
function gcd(a, b) { return b ? gcd(b, a % b) : a; }
"""


@pytest.fixture(scope="module")
def run():
    """Run the script with more lines behind it, in Node or in Chromium; what it calls `texts` comes back."""
    script = (files("conjoint.explorer") / "assets" / "number.js").read_text("utf-8")
    node = shutil.which("node")
    if node:

        def by_node(lines):
            whole = f"{script}\n{lines}\nprocess.stdout.write(JSON.stringify(texts));"
            done = subprocess.run(
                [node, "-"], input=whole, capture_output=True, text=True, check=True
            )
            return json.loads(done.stdout)

        yield by_node
        return
    program = next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
    )
    if program is None:
        pytest.skip("neither Node nor Chromium on PATH")
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        page = opened.new_page()
        yield lambda lines: page.evaluate(f"() => {{ {script}\n{lines}\nreturn texts; }}")
        opened.close()


def test_every_share_of_up_to_two_thousand_people_has_one_text(run):
    """Shares in lowest terms: others are the same numbers."""
    found = run(f"const MOST = {MOST};\n{SHARES}")
    assert len(found) == MOST
    for n, line in enumerate(found, 1):
        shares = [k / n for k in range(n + 1) if gcd(k, n) == 1]
        assert line == " ".join(f"{percent(share)} {percent(share, 1)}" for share in shares), n


def test_ends_of_intervals_p_values_amounts_and_bases_are_written_alike(run):
    ends = [(k / 997 - 0.3, k / 997 + 0.00037 * k) for k in range(0, 1000, 7)]
    ends += [(0.50004, 0.52), (0.5, 0.52), (0.31, 0.49996), (0.00003, 0.02), (-0.04, -0.0004)]
    p = [k / 1e5 for k in range(0, 6000, 13)] + [0.04997, 0.05, 0.0099951, 0.00049, 0.97]
    numbers = [12345.678, 0.25, 30.839, 5000, -17841.83, 0, 999.5, 1234567.8, 0.00123456]
    found = run(
        f"const ends = {json.dumps(ends)}, p = {json.dumps(p)}, numbers = {json.dumps(numbers)};"
        "const texts = ["
        "ends.map(([low, high]) => endsOf({low, high}, [0.5], 0, 100, barePercent)),"
        "ends.map(([low, high]) => endsOf({low, high}, NO_CHANGE, 0, 100,"
        "  (end, places) => numeral(100 * end, places, true))),"
        'p.map((own) => pValue(own)), p.map((own) => pValue(own, "p")), numbers.map(amount),'
        "numbers.map(count), numbers.map((own) => rounded(own, 1))];"
    )
    assert found == [
        [SHARE.bare_interval(*own) for own in ends],
        [SHARE.changes(*own) for own in ends],
        [p_value(own) for own in p],
        [p_value(own, "p") for own in p],
        [amount(own) for own in numbers],
        [base(own) for own in numbers],
        [rounded(own, 1) for own in numbers],
    ]
    assert CHANGED == (0.0,)
