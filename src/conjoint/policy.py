"""The content security policy of pages: they show what stands in them, run known scripts, and ask for nothing."""

from __future__ import annotations

import base64
import hashlib
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["inline_scripts", "policy", "script_source", "scripts_of", "with_policy"]

SCRIPT = re.compile(
    r"<script(?P<attributes>[^>]*)>(?P<text>.*?)</script\s*>", re.DOTALL | re.IGNORECASE
)
PACKED = re.compile(
    r"<script(?P<before>[^>]*?)\ssrc=\"data:(?:application|text)/(?:x-)?javascript(?:;charset=utf-8)?;base64,"
    r"(?P<text>[A-Za-z0-9+/=\s]+)\"(?P<after>[^>]*)></script>",
    re.IGNORECASE,
)
CHARSET = re.compile(r"<meta\s+charset=[^>]*>", re.IGNORECASE)
HEAD = re.compile(r"<head[^>]*>", re.IGNORECASE)


def script_source(text: str) -> str:
    """A script by its hash, as a policy names it."""
    normal = text.replace("\r\n", "\n").replace("\r", "\n")
    digest = hashlib.sha256(normal.encode("utf-8", "replace")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"


def policy(scripts: Iterable[str] = ()) -> str:
    """The policy of a page with these scripts, and no others, as :func:`script_source` names them."""
    allowed = " ".join(dict.fromkeys(scripts)) or "'none'"
    return (
        f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline' data:; "
        "img-src data:; font-src data:; base-uri 'none'; form-action 'none'"
    )


def with_policy(page: str, scripts: Iterable[str] = ()) -> str:
    """A page with its policy, before anything that the policy is about; what has no head is no page."""
    meta = f'<meta http-equiv="Content-Security-Policy" content="{policy(scripts)}">'
    found = CHARSET.search(page) or HEAD.search(page)
    if found is None:
        return page
    at = found.end()
    return f"{page[:at]}\n{meta}{page[at:]}"


def scripts_of(template: str) -> list[str]:
    """The scripts of a page that run, as sources; not those that only hold data."""
    return [
        script_source(match["text"])
        for match in SCRIPT.finditer(template)
        if " src=" not in match["attributes"] and "application/json" not in match["attributes"]
    ]


def inline_scripts(page: str) -> tuple[str, list[str]]:
    """A page of another program with its packed scripts unpacked, and all its scripts as sources."""

    def unpacked(match: re.Match[str]) -> str:
        text = base64.b64decode(match["text"]).decode("utf-8", "replace")
        safe = text.replace("</script", r"<\/script").replace("<!--", r"<\!--")
        return f"<script{match['before']}{match['after']}>{safe}</script>"

    page = PACKED.sub(unpacked, page)
    return page, scripts_of(page)
