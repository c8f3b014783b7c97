"""The content security policy: known scripts by their hash, and nothing from elsewhere."""

import base64
import hashlib

from conjoint.policy import inline_scripts, policy, script_source, scripts_of, with_policy

RUN = "alert(1)\r\n"


def test_a_page_runs_known_scripts_alone():
    known = base64.b64encode(hashlib.sha256(b"alert(1)\n").digest()).decode()
    assert script_source(RUN) == f"'sha256-{known}'"
    assert f"script-src 'sha256-{known}';" in policy([script_source(RUN)])
    assert "script-src 'none'" in policy()
    assert all(f"{what} 'none'" in policy() for what in ("default-src", "base-uri", "form-action"))


def test_the_policy_stands_behind_the_charset_and_before_all_else():
    page = '<html><head><meta charset="utf-8"><style></style></head>'
    made = with_policy(page)
    assert made.index("utf-8") < made.index("Content-Security-Policy") < made.index("<style>")
    assert with_policy("<head><title>x").index("Content-Security") < with_policy(
        "<head><title>x"
    ).index("<title>")


def test_scripts_that_hold_data_are_not_run():
    page = f'<script type="application/json">{{}}</script><script>{RUN}</script>'
    assert scripts_of(page) == [script_source(RUN)]


def test_packed_scripts_of_another_program_are_unpacked():
    packed = base64.b64encode(b"if (a) b('</script>')").decode()
    page = f'<script defer src="data:application/javascript;base64,{packed}"></script><script>{RUN}</script>'
    made, sources = inline_scripts(page)
    assert "src=" not in made
    assert r"<\/script>" in made
    assert len(sources) == 2
    assert sources == scripts_of(made)
