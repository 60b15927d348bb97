"""The pictures of « Adapter le modèle »: ``python -m support.guide_pictures docs/images``.

Needs LibreOffice for the comparison; run with the project and ``tests`` on the path.
"""

from __future__ import annotations

import io
import sys
import tempfile
from pathlib import Path

import dxpdf
import pypdfium2
from PIL import Image

from mailmerge.engines.libreoffice import LibreOffice
from mailmerge.pdf.imposing import two_to_a_sheet
from mailmerge.trial.previewing import Preview, pictures, side_by_side
from support import gallery

_DPI = 64


def page(name: str, pdf: bytes) -> Preview:
    """A PDF under a title."""
    return Preview(name, name, False, pdf, pictures(pdf, _DPI))


def save(png: bytes, path: Path) -> None:
    """Small enough for a web page."""
    image = Image.open(io.BytesIO(png)).convert("RGB")
    image.quantize(128, dither=Image.Dither.NONE).save(path, optimize=True)


def with_libreoffice(docx: bytes) -> bytes:
    """The same document through LibreOffice."""
    with tempfile.TemporaryDirectory() as folder:
        source, pdf = Path(folder, "a.docx"), Path(folder, "a.pdf")
        source.write_bytes(docx)
        LibreOffice().convert(source, pdf)
        return pdf.read_bytes()


def slips() -> bytes:
    """Two pupils' slips on a sheet."""
    import pikepdf

    with pikepdf.new() as document:
        for name in ("Camille", "Dominique"):
            slip = dxpdf.convert(gallery.render("talon-a5", gallery.pupil(prenom=name), logo=20))
            document.pages.extend(pikepdf.open(io.BytesIO(slip)).pages)
        two_to_a_sheet(document)
        stream = io.BytesIO()
        document.save(stream)
    return stream.getvalue()


def main(folder: Path) -> None:
    """Draw every picture of the chapter into ``folder``."""
    template = (gallery.TEMPLATES / "attestation.docx").read_bytes()
    filled = gallery.render("attestation", gallery.pupil(), logo=20)
    printed = dxpdf.convert(filled)
    save(
        side_by_side(page("Le modèle", dxpdf.convert(template)), page("La page", printed)),
        folder / "adapter-modele-et-page.png",
    )
    two = (page("moteur intégré", printed), page("LibreOffice", with_libreoffice(filled)))
    save(side_by_side(*two), folder / "adapter-comparaison.png")
    sheet = pypdfium2.PdfDocument(slips())[0].render(scale=_DPI / 72).to_pil()
    framed = Image.new("RGB", (sheet.width + 2, sheet.height + 2), "#B8BEC8")
    framed.paste(sheet, (1, 1))
    stream = io.BytesIO()
    framed.save(stream, "PNG")
    save(stream.getvalue(), folder / "adapter-talons.png")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
