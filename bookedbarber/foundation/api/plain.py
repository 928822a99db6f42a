"""Plain Django views of the API, where REST framework's part would cost more than the work."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse

from .errors import build_body, handle_exception

View = Callable[..., HttpResponse]


def answering_in_json(view: View) -> View:
    """Answer anticipated failures, and the database's, as every view of the API does."""

    @wraps(view)
    def answer_in_json(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except Exception as error:
            handled = handle_exception(error, {})
            if handled is None:
                raise
            answer = JsonResponse(handled.data, status=handled.status_code)
            for name, value in handled.items():
                answer.setdefault(name, value)
            return answer

    return answer_in_json


def refuse_method(*allowed: str) -> HttpResponse:
    body: dict[str, Any] = build_body("VALIDATION_ERROR", f"Only {' and '.join(allowed)} here")
    return JsonResponse(body, status=405, headers={"Allow": ", ".join(allowed)})
