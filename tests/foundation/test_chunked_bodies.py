from io import BytesIO
from typing import Any

import pytest
from django.core.wsgi import get_wsgi_application

from bookedbarber.foundation.chunked_bodies import ChunkedBodies

pytestmark = pytest.mark.django_db


def post_chunked(body: bytes) -> tuple[str, bytes]:
    """As gunicorn hands a chunked request on: decoded, without a length."""
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/api/v1/auth/token",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_TYPE": "application/json",
        "HTTP_TRANSFER_ENCODING": "chunked",
        "wsgi.input": BytesIO(body),
        "wsgi.url_scheme": "http",
        "wsgi.input_terminated": True,
    }
    started: list[str] = []
    application = ChunkedBodies(get_wsgi_application())
    answer = application(environ, lambda status, _headers: started.append(status))
    return started[0], b"".join(answer)


def test_a_chunked_body_is_read() -> None:
    status, answer = post_chunked(b'{"email": "a@example.test", "password": "x", "name": "y"}')

    assert status.startswith("400")
    assert b"name: This field is not known." in answer


def test_a_chunked_body_that_is_too_large_is_refused_and_not_read_to_its_end(settings) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000

    status, answer = post_chunked(b'{"email": "' + b"a" * 5000 + b'"}')

    assert status.startswith("400")
    assert b"larger than 1000 bytes" in answer


def test_a_broken_chunked_body_is_refused() -> None:
    status, answer = post_chunked(b'{"email": ')

    assert status.startswith("400")
    assert b"not valid JSON" in answer
