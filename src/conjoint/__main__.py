"""``python -m conjoint`` is the ``conjoint`` command."""

from conjoint.cli import main

main()
