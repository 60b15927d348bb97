"""Click's own messages in French, through gettext; to be imported before click."""

import gettext
import os
import re
from pathlib import Path

from mailmerge.text import typeset

os.environ["LANGUAGE"] = "fr"
gettext.bindtextdomain("messages", str(Path(__file__).parent.parent / "locale"))
gettext.textdomain("messages")

# Click marks options and choices with straight quotes, outside what gettext translates.
_STRAIGHT = re.compile(r"""(?<!\w)(['"])(.+?)\1(?!\w)""")


def guillemets(message: str) -> str:
    """A message of Click with French quotation marks.

    >>> guillemets("choisissez parmi 'auto', 'word'.")
    'choisissez parmi «\\u202fauto\\u202f», «\\u202fword\\u202f».'
    """
    return _STRAIGHT.sub(lambda quoted: typeset(f"« {quoted[2]} »"), message)
