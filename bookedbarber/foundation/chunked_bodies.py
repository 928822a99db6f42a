"""Requests whose length is not said beforehand (`Transfer-Encoding: chunked`)."""

from collections.abc import Callable, Iterable
from io import BytesIO
from typing import Any

from django.conf import settings


class ChunkedBodies:
    """WSGI: gives a chunked body the length that Django asks for; it would see none at all.

    Reads one byte more than is allowed, so that whoever parses it refuses what is too large.
    """

    def __init__(self, application: Callable[..., Iterable[bytes]]) -> None:
        self.application = application

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if "chunked" in environ.get("HTTP_TRANSFER_ENCODING", "").lower():
            body = environ["wsgi.input"].read(settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)
            environ["wsgi.input"] = BytesIO(body)
            environ["CONTENT_LENGTH"] = str(len(body))
        return self.application(environ, start_response)
