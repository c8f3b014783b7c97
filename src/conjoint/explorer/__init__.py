"""The explorer: support for any package, on one page that needs nothing from elsewhere."""

from conjoint.explorer.page import explorer_fragment, explorer_page

__all__ = ["explorer_fragment", "explorer_page"]
