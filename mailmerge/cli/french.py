"""Click's own messages in French, through gettext; to be imported before click."""

import gettext
import os
from pathlib import Path

os.environ["LANGUAGE"] = "fr"
gettext.bindtextdomain("messages", str(Path(__file__).parent.parent / "locale"))
gettext.textdomain("messages")
