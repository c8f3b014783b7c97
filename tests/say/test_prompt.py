"""What objects show at a prompt: what they are, and their first figures."""

import pandas as pd

import conjoint as cj
from conftest import ROUTES
from conjoint.say.prompt import at_prompt


def test_a_frame_is_cut_and_counted():
    frame = pd.DataFrame({"level": [f"l{n}" for n in range(30)], "p_value": 0.00001, "gone": ""})
    head, heads, *rows, more = at_prompt("<X>", frame, list(frame)).splitlines()
    assert (head, heads.split(), len(rows)) == ("<X>", ["level", "p_value"], 12)
    assert rows[0].split() == ["l0", "<0.001"]
    assert more == "... and 18 more in .frame"


def test_a_long_text_is_cut_and_lines_are_joined():
    frame = pd.DataFrame({"text": ["a\nb " + "x" * 90]})
    *_, row = at_prompt("<X>", frame, ["text"]).splitlines()
    assert row.strip().startswith("a b xxx")
    assert row.endswith("x…")
    assert len(row.strip()) == 48


def test_estimates_a_wave_and_an_audit_show_what_they_hold():
    wave = cj.read_wave(ROUTES)
    head, heads, first, *_ = repr(cj.amce(wave, by="segments")).splitlines()
    assert head == "<Estimates: 108 amce by segments>"
    assert {"group", "attribute", "level", "estimate", "conf_low"} <= set(heads.split())
    assert "labour_voters" in first
    assert any("5000, 10000, 20000, 40000" in line for line in repr(wave).splitlines()[1:])
    verdicts = [line.split()[0] for line in repr(cj.audit(wave)).splitlines()[2:-1]]
    assert verdicts == sorted(verdicts, key=["stop", "look", "fine"].index)
