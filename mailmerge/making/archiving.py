"""A class's files in one ZIP, to hand out; names with accents read right on Windows."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

_STEADY = (2026, 1, 1, 0, 0, 0)  # the same files give the same archive


def zip_files(root: Path, files: Sequence[str], target: Path) -> Path:
    """Put ``files``, paths relative to ``root``, into ``target``, without their folders.

    Python marks a name that is not plain ASCII as UTF-8, which Windows' Explorer reads since 8.
    """
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in files:
            member = zipfile.ZipInfo(PurePosixPath(file).name, _STEADY)
            member.compress_type = zipfile.ZIP_DEFLATED
            member.external_attr = 0o600 << 16
            archive.writestr(member, (root / file).read_bytes())
    return target
