"""The `Idempotency-Key` header."""

from collections.abc import Callable
from typing import Any

from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from ..idempotency import KEY_MAX_LENGTH, Answer, KeyedRequest, get_fingerprint
from .parsers import to_plain


def read_keyed_request(request: Request, render: Callable[[Any], Answer]) -> KeyedRequest | None:
    """The request under its key, None without the header. The key may be quoted or bare.

    :raises ValidationError: the key is empty, too long or not printable ASCII.
    """
    header = request.headers.get("Idempotency-Key")
    if header is None:
        return None
    key = header.strip()
    if len(key) >= 2 and key[0] == key[-1] == '"':
        key = key[1:-1]
    if not key or len(key) > KEY_MAX_LENGTH or not (key.isascii() and key.isprintable()):
        raise ValidationError(
            {"Idempotency-Key": [f"1 to {KEY_MAX_LENGTH} printable ASCII characters."]}
        )
    person: Any = request.user
    return KeyedRequest(
        principal=person.public_id,
        key=key,
        fingerprint=get_fingerprint(str(request.method), request.path, to_plain(request.data)),
        render=render,
    )


def replay(answer: Answer) -> Response:
    """The kept answer, marked as a repetition."""
    status, body = answer
    return Response(body, status=status, headers={"Idempotency-Replayed": "true"})
