"""The way to a processor, one step after the other, each timed: name, connection, TLS, HTTP."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

import httpcore
from django.conf import settings

from processors.errors import AnswerLost, ProcessorNotReached
from processors.transport.client import build_tls_context, http_client
from processors.transport.network import DeadlineBackend, look_up


class Verdict(StrEnum):
    OK = "ok"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What came of one step, and how long it took."""

    name: str
    verdict: Verdict
    explanation: str
    milliseconds: int = 0


class StepFailed(Exception):
    """The step's own words for what went wrong."""


def take_steps(steps: dict[str, Callable[[], str]]) -> list[Step]:
    """Take each step until one fails; the others are skipped then.

    A step returns what it found, or raises StepFailed.
    """
    taken: list[Step] = []
    for name, take in steps.items():
        if taken and taken[-1].verdict is not Verdict.OK:
            taken.append(Step(name=name, verdict=Verdict.SKIPPED, explanation="not tried"))
        else:
            taken.append(_time(name, take))
    return taken


def list_way_steps(url: str) -> dict[str, Callable[[], str]]:
    """The steps to an address of a processor's API, such as "https://api.stripe.com"."""
    parts = urlsplit(url)
    host, is_tls = parts.hostname or "", parts.scheme == "https"
    port = parts.port or (443 if is_tls else 80)
    return {
        "dns": lambda: _resolve(host, port),
        "tcp": lambda: _connect(host, port),
        "tls": lambda: _shake_hands(host, port) if is_tls else "not used: the address is http://",
        "http": lambda: _ask(url),
    }


def _time(name: str, take: Callable[[], str]) -> Step:
    started = time.monotonic()
    try:
        verdict, explanation = Verdict.OK, take()
    except StepFailed as failure:
        verdict, explanation = Verdict.FAILED, str(failure)
    taken = round((time.monotonic() - started) * 1000)
    return Step(name=name, verdict=verdict, explanation=explanation, milliseconds=taken)


def _resolve(host: str, port: int) -> str:
    try:
        found = look_up(host, port, settings.PROCESSOR_CONNECT_TIMEOUT_SECONDS)
    except OSError as error:
        raise StepFailed(f"{host} is not known: {_describe(error)}") from error
    addresses = dict.fromkeys(str(address[4][0]) for address in found)
    return f"{host} is {', '.join(addresses)}"


def _connect(host: str, port: int) -> str:
    _open(host, port).close()
    return f"connected to port {port}"


def _shake_hands(host: str, port: int) -> str:
    context = build_tls_context(
        verify_tls=settings.PROCESSOR_VERIFY_TLS, ca_bundle=str(settings.PROCESSOR_CA_BUNDLE)
    )
    stream = _open(host, port)
    timeout = settings.PROCESSOR_CONNECT_TIMEOUT_SECONDS
    try:
        secured = stream.start_tls(context, server_hostname=host, timeout=timeout)
    except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
        raise StepFailed(f"no TLS: {_describe(error)}") from error
    version = secured.get_extra_info("ssl_object").version()
    secured.close()
    return f"{version}, the certificate is {'good' if context.check_hostname else 'not checked'}"


def _open(host: str, port: int) -> httpcore.NetworkStream:
    timeout = settings.PROCESSOR_CONNECT_TIMEOUT_SECONDS
    try:
        return DeadlineBackend().connect_tcp(host, port, timeout=timeout)
    except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
        raise StepFailed(f"no connection to port {port}: {_describe(error)}") from error


def _ask(url: str) -> str:
    """Any answer will do: what the address itself says is nobody's business here."""
    try:
        answer = http_client.get(url)
    except (ProcessorNotReached, AnswerLost) as error:
        raise StepFailed(f"no answer: {error.details.get('cause', error.message)}") from error
    return f"answered {answer.status_code}"


def _describe(error: Exception) -> str:
    return str(error) or type(error).__name__
