"""Writing requests: every one is bounded and carries our token before anything is looked at."""

from __future__ import annotations

import datetime as dt
import hmac
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mailmerge.errors import UsageError

TOKEN = "csrf"  # noqa: S105 - the name of the field
HEADER = "x-csrf-token"
MAX_FILES = 300
MAX_FIELDS = 20_000  # a box for each pupil of a large school
_MAX_FIELD = 100 * 1024  # bytes


@dataclass(frozen=True)
class Form:
    """What a form said."""

    _data: FormData

    def text(self, name: str) -> str:
        """A field, "" when it is missing."""
        value = self._data.get(name, "")
        return value.strip() if isinstance(value, str) else ""

    def get(self, name: str) -> str | None:
        """A field, None when the form has none of that name."""
        return self.text(name) if name in self._data else None

    def texts(self, name: str) -> list[str]:
        """All fields of a name."""
        return [value for value in self._data.getlist(name) if isinstance(value, str)]

    def files(self, name: str) -> Sequence[tuple[str, bytes]]:
        """Name and content of each file that was sent."""
        uploads = [value for value in self._data.getlist(name) if isinstance(value, UploadFile)]
        return [(upload.filename, upload.file.read()) for upload in uploads if upload.filename]


def day_in(text: str) -> dt.date | None:
    """The day of a date field, None for an empty one.

    Raises:
        UsageError: no date; only from a browser that has no date fields.
    """
    if not text:
        return None
    try:
        french = re.fullmatch(r"(\d\d?)/(\d\d?)/(\d{4})", text)
        return dt.date(*map(int, french.groups()[::-1])) if french else dt.date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(
            f"« {text[:40]} » n’est pas une date. Écrivez par exemple 01/09/2025."
        ) from error


def action(path: str, handler: Callable[[Request, Form], Response]) -> Route:
    """The route of a writing request; the only way to make one."""

    async def check_and_handle(request: Request) -> Response:
        async with request.form(
            max_files=MAX_FILES, max_fields=MAX_FIELDS, max_part_size=_MAX_FIELD
        ) as data:
            given = request.headers.get(HEADER) or data.get(TOKEN, "")
            if not isinstance(given, str) or not hmac.compare_digest(
                given.encode(), request.app.state.site.keys.csrf.encode()
            ):
                raise ForeignFormError
            return await run_in_threadpool(handler, request, Form(data))

    return Route(path, check_and_handle, methods=["POST"])


class ForeignFormError(UsageError):
    """A form without our token."""

    def __init__(self) -> None:
        super().__init__(
            "Cette page datait d’un lancement précédent du programme : rien n’a été fait. "
            "Rechargez-la, puis recommencez."
        )
