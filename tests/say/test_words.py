"""Words and numbers for Markdown."""

import pytest

from conjoint.say.words import escape, listed, plain

pypandoc = pytest.importorskip("pypandoc", reason="needs the report extra")


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "{{< include /etc/passwd >}}",
        "```{python}",
        "# not a heading",
        "a | b",
        "*stars* _and_ [links](http://x)",
        "$x^2$ and @citation",
        "::: {.banner}",
        "=cmd()",
        "<!-- comment -->",
        "~~~",
        "1. list",
        "&amp; \\n",
        "Ελλάδα العربية 🛶",
    ],
)
def test_whatever_a_survey_says_stays_text(text):
    page = pypandoc.convert_text(escape(text), "plain", "markdown", extra_args=["--wrap=none"])
    straight = page.strip().translate(str.maketrans("‘’“”…–—", "''\"\".--", "\u2066\u2069"))
    assert straight.replace("...", ".") == text.replace("...", ".")


def test_figures_after_leftward_words_stay_after_them():
    assert escape("العربية") + " 57%" == "\u2066العربية\u2069 57%"
    assert plain(escape("العربية") + " 57%") == "العربية 57%"
    assert escape("Ελλάδα") == "Ελλάδα"


def test_line_breaks_become_spaces():
    assert escape("one\n\ntwo\tthree ") == "one two three"


def test_a_mark_stays_with_its_word():
    assert escape("No reduction\u00a0†") == "No reduction\u00a0†"
    assert plain(escape("No reduction\u00a0†")) == "No reduction †"


def test_a_list_reads_as_a_sentence_does():
    assert [listed("a"), listed("ab"), listed("abc")] == ["a", "a and b", "a, b and c"]
