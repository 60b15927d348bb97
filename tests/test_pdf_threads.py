"""The page draws previews while it checks the template: PDFium must see one thread at a time."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pikepdf

# In a process of its own: when this goes wrong, the process dies without a word.
_PROGRAM = """
import sys, threading
from pathlib import Path
from mailmerge.pdf.fonts import page_fonts
from mailmerge.trial.previewing import pictures

pdf = Path(sys.argv[1])
content = pdf.read_bytes()
draw = lambda: [pictures(content, 40) for _ in range(60)]
read = lambda: [page_fonts(pdf) for _ in range(600)]
threads = [threading.Thread(target=work) for work in (draw, read) * 2]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
print("whole")
"""


def _written_page(path: Path) -> Path:
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page(page_size=(595, 842))
        font = pikepdf.Dictionary(
            Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
        )
        page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
        lines = b" ".join(b"(Pupil %d) Tj 0 -14 Td" % n for n in range(50))
        page.Contents = pdf.make_stream(b"BT /F1 12 Tf 50 800 Td " + lines + b" ET")
        pdf.save(path)
    return path


def test_pages_are_drawn_and_read_in_several_threads(tmp_path: Path) -> None:
    pdf = _written_page(tmp_path / "page.pdf")
    command = [sys.executable, "-c", _PROGRAM, str(pdf)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "whole"), done.stderr
