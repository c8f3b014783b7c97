"""Small surveys written as files, and read or refused."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

import conjoint as cj

if TYPE_CHECKING:
    from pathlib import Path


@dataclass
class Small:
    """A survey folder made of two texts."""

    path: Path

    def read(self, toml: str, data: str = "") -> cj.Wave:
        """Write both and read the wave."""
        (self.path / "survey.toml").write_text(toml, encoding="utf-8")
        (self.path / "responses.csv").write_text(data, encoding="utf-8")
        return cj.read_wave(self.path)

    def faults(self, toml: str, data: str = "") -> list[str]:
        """What both are refused for, the folder's path left out."""
        with pytest.raises(cj.errors.InputError) as caught:
            self.read(toml, data)
        return [str(fault).replace(f"{self.path}{os.sep}", "") for fault in caught.value.faults]


@pytest.fixture
def small(tmp_path: Path) -> Small:
    """A place to write a small survey to."""
    return Small(tmp_path)
