"""The child process of the embedded engine: ``python dxpdf_child.py FOLDER IN.docx OUT.pdf DPI``.

It is started as a bare file with ``-I -S``, so it must not import ``mailmerge``. FOLDER is where
the ``dxpdf`` package lives; it is the only thing added to the path, which makes the start fast.
"""

from __future__ import annotations

import sys


def main(folder: str, docx: str, pdf: str, dpi: str) -> None:
    """Convert one document; an error ends the process with its text on standard error."""
    sys.path.append(folder)
    import dxpdf

    try:
        dxpdf.convert_file(docx, pdf, image_dpi=int(dpi))
    except Exception as error:
        sys.exit(f"{type(error).__name__}: {error}")


if __name__ == "__main__":
    main(*sys.argv[1:5])
