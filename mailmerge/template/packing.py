"""Writing a Word document, packed at once rather than tightly.

A class's fonts take more time to pack than its pages, and gain little.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from docx.opc.package import OpcPackage
from docx.opc.part import Part
from docx.opc.phys_pkg import PhysPkgWriter
from docx.opc.pkgwriter import PackageWriter

_QUICKLY = 1


def pack(package: OpcPackage, parts: Sequence[Part] | None = None) -> bytes:
    """The document as bytes, as python-docx writes it; ``parts`` in place of the package's own."""
    for part in package.parts:
        part.before_marshal()  # type: ignore[no-untyped-call]
    chosen = package.parts if parts is None else parts
    stream = io.BytesIO()
    writer: Any = PhysPkgWriter(stream)  # type: ignore[no-untyped-call]
    writer._zipf.compresslevel = _QUICKLY
    steps: Any = PackageWriter
    steps._write_content_types_stream(writer, chosen)
    steps._write_pkg_rels(writer, package.rels)
    steps._write_parts(writer, chosen)
    writer.close()
    return stream.getvalue()
