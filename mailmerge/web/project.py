"""The folders the page works in, and what it remembers there between two starts.

``data/`` holds the school's files, as for the commands. What only the page needs (what is ticked,
the last synthesis) is in ``data/.page/etat.json``; everything else is in the files themselves.
"""

from __future__ import annotations

import json
import os
import tempfile
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mailmerge.errors import OutputError
from mailmerge.gathering import WORKBOOK
from mailmerge.names import safe_name
from mailmerge.places import TEMPLATES
from mailmerge.results.reading import is_data_file
from mailmerge.settings import FILE_NAME
from mailmerge.trial.gallery import TAG_LIST

OWN_TEMPLATE = "modele.docx"
_STATE = Path(".page") / "etat.json"


@dataclass
class Project:
    """A school's folders."""

    data: Path
    output: Path
    _lock: threading.RLock = field(default_factory=threading.RLock, repr=False)

    @property
    def workbook(self) -> Path:
        """« Résultats Pix.xlsx »."""
        return self.output / WORKBOOK

    @property
    def settings(self) -> Path:
        """The school's settings; may not exist yet."""
        return self.data / FILE_NAME

    @property
    def own_template(self) -> Path:
        """Where the template goes that the school sends back from Word; may not exist."""
        return self.data / OWN_TEMPLATE

    def result_files(self) -> list[Path]:
        """The files of results that were put into ``data/``, by name."""
        if not self.data.is_dir():
            return []
        return sorted(path for path in self.data.iterdir() if is_data_file(path))

    def templates(self) -> dict[str, Path]:
        """Every template there is to choose, by the name that the settings call it.

        Those of the program, and the school's own: the Word documents of ``data/``.
        """
        found = (*sorted(TEMPLATES.glob("*.docx")), *sorted(self.data.glob("[!.~]*.docx")))
        return {path.name: path for path in found if path.name != TAG_LIST}

    def recall(self, name: str, default: Any) -> Any:
        """Something remembered; the default where there is nothing or the file was damaged."""
        with self._lock:
            return self._state().get(name, default)

    def remember(self, name: str, value: Any) -> None:
        """Keep ``value`` for the next time; None forgets it."""
        with self._lock:
            state = self._state()
            state[name] = value
            if value is None:
                del state[name]
            text = json.dumps(state, ensure_ascii=False, indent=1)
            self.write(self.data / _STATE, text.encode())

    def write(self, target: Path, content: bytes) -> None:
        """Write a file whole or not at all; a new one is this user's alone.

        Raises:
            OutputError: the folder can't be written, the disk is full…
        """
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=target.parent, prefix=".", suffix=".part")
            try:
                with os.fdopen(handle, "wb") as stream:
                    stream.write(content)
                if target.exists():  # a settings file that a school shares stays shared
                    Path(name).chmod(target.stat().st_mode)
                Path(name).replace(target)
            except BaseException:
                Path(name).unlink(missing_ok=True)
                raise
        except OSError as error:
            raise OutputError(
                f"Impossible d’enregistrer « {target.name} » dans « {target.parent} » : "
                f"{error.strerror}. Vérifiez que le dossier n’est pas protégé, que le fichier "
                "n’est pas ouvert ailleurs et que le disque n’est pas plein.",
                source=target.name,
            ) from error

    def keep(self, name: str, content: bytes) -> Path:
        """Put a file that somebody sent into ``data/``; nothing that is there is overwritten.

        The name only serves to call the file, never as a path; the same content under the same
        name is the same file.
        """
        wanted = Path(name.replace("\\", "/")).name
        stem, suffix = safe_name(Path(wanted).stem), Path(wanted).suffix.lower()
        with self._lock:
            rank = 1
            while True:
                mark = f" ({rank})" if rank > 1 else ""
                target = self.data / f"{stem}{mark}{suffix}"
                if not target.exists():
                    self.write(target, content)
                    return target
                if target.is_file() and target.read_bytes() == content:
                    return target
                rank += 1

    def _state(self) -> dict[str, Any]:
        try:
            state = json.loads((self.data / _STATE).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}  # choices only: nothing that can't be chosen again
        return state if isinstance(state, dict) else {}
