"""What the hostile tests share: a command run in this process, held to what is promised of all of them."""

from __future__ import annotations

import resource
import signal
import sys
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from typer import testing

from conjoint.cli.run import COMMANDS
from conjoint.cli.shared import app

if TYPE_CHECKING:
    from collections.abc import Iterator

SECONDS, MEGABYTES = 10, 1000
"""What a command may take over a small input."""

MOST_LINES = 22
"""Faults on a terminal, and what is said of the others."""

RUNNER = testing.CliRunner()
testing._get_command = cache(
    testing._get_command
)  # to make it anew is a third of a small call's time

TEXTS = st.sampled_from([
    "", " ", "=cmd|' /C calc'!A0", "+1+1", "@SUM(A1)", "-5", "1_000", "1,000", "1e308", "-1e400", "nan", "inf",
    "None", "NA", "\u200b", "Left\u200b", "left", "Lēft", "\ufeff", "\x00", "\x1b[31mred", "a\nb", "\r", "\t=1",
    "[bold]x[/bold]", "[/]", ":x:", "<script>alert(1)</script>", "](javascript:alert(1))", "${HOME}", "{0}", "%s", "{task}",
    "../../etc/passwd", "/dev/zero", "C:\\x", "a" * 5000, "é" * 300, "🏳️‍🌈", "\ud7ff", "\u202egnp.exe", "٣", "１２", "1" * 400,
    "0." + "3" * 400, "²", "I\u0307", "ß", "ﬁ", "0x10", "1e5", "true", "2026-02-30", "--", "'", '"', "\\", "`", "$", "|", "*",
])  # fmt: skip
"""Texts that programs take for something else than text."""

VALUES = st.recursive(
    TEXTS
    | st.integers(-(10**19), 10**19)
    | st.sampled_from([0, 1, -1, 2, 10**6, 10**15, 0.0, -0.0, 0.5, 1e308, 5e-324])
    | st.booleans(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=5,
)
"""Values that a key of TOML or JSON may have."""


def tries(count: int) -> settings:
    """Settings for so many examples; ten times as many where the test is marked as slow."""
    quiet = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]
    phases = (Phase.explicit, Phase.generate)  # to shrink what fails would take minutes
    return settings(max_examples=count, suppress_health_check=quiet, phases=phases, deadline=None)


def load_commands() -> None:
    """Load every command, as calling each would."""
    for name in COMMANDS:
        import_module(f"conjoint.cli.{name.replace('-', '_')}")


class Hang(BaseException):
    """A command took too long."""


@contextmanager
def within(seconds: int = SECONDS) -> Iterator[None]:
    """End what takes too long."""

    def ring(*_: object) -> None:
        raise Hang(f"more than {seconds} seconds")

    # By the processor's time, so that a busy machine does not count; by the clock for what only waits.
    before = {sign: signal.signal(sign, ring) for sign in (signal.SIGPROF, signal.SIGALRM)}
    signal.setitimer(signal.ITIMER_PROF, seconds)
    signal.alarm(6 * seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.alarm(0)
        for sign, handler in before.items():
            signal.signal(sign, handler)


def memory() -> float:
    """The most memory that this process has held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (
        1024 if sys.platform == "linux" else 1 << 20
    )


def call(*arguments: object) -> tuple[int, str]:
    """Run a command: its exit code and words, which keep what is promised of every command."""
    before = memory()
    with within():
        done = RUNNER.invoke(app, [str(argument) for argument in arguments])
    words = done.output
    shown = (arguments, words[-2000:], done.exception)
    assert done.exit_code in (0, 1, 2), shown
    assert done.exception is None or isinstance(done.exception, SystemExit), shown
    assert "Traceback" not in words, shown
    assert "fault of conjoint itself" not in words, shown
    assert memory() - before < MEGABYTES, shown
    if done.exit_code == 2:
        assert done.stderr.strip(), shown
        assert len(done.stderr.strip().splitlines()) <= MOST_LINES + 8, shown
    return done.exit_code, words
