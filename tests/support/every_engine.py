"""The engines that this machine has, for tests that are true of all of them."""

from __future__ import annotations

import pytest

from mailmerge.engines import libreoffice

ENGINES = [
    "embedded",
    pytest.param(
        "libreoffice",
        marks=[
            pytest.mark.libreoffice,
            pytest.mark.skipif(libreoffice.find() is None, reason="LibreOffice is not here"),
        ],
    ),
]
