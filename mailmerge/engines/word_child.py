"""The child process of the Word engine: ``python word_child.py HOOK IN.docx OUT.pdf``.

HOOK is a folder put first on the path, or "" for none: tests have a stand-in for ``docx2pdf``
there. The parent has made sure that no Word was running, so the Word met here is ours to close.
"""

from __future__ import annotations

import sys


def main(hook: str, docx: str, pdf: str) -> None:
    """Convert one document; an error ends the process with its text on standard error."""
    if hook:
        sys.path.insert(0, hook)
    import docx2pdf

    try:
        docx2pdf.convert(docx, pdf)
    except Exception as error:
        _close_hidden_word()
        sys.exit(f"{type(error).__name__}: {error}")


def _close_hidden_word() -> None:
    """docx2pdf leaves an invisible Word behind when a document fails; the next class needs it gone.

    A Word that is visible is somebody's and stays.
    """
    if sys.platform != "win32":
        return
    try:
        import win32com.client  # type: ignore[import-untyped]

        word = win32com.client.GetActiveObject("Word.Application")
        if not word.Visible:
            word.Quit(0)
    except Exception as error:
        sys.stderr.write(f"Word n’a pas pu être fermé : {error}\n")


if __name__ == "__main__":
    main(*sys.argv[1:4])
