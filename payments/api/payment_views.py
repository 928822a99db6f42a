"""Taking payments and looking at them."""

from typing import Any

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from bookedbarber.accounts.api.authentication import get_person
from bookedbarber.accounts.api.permissions import ClientsOnlyRead, may
from bookedbarber.accounts.roles import Permission
from bookedbarber.foundation.api.idempotency import read_keyed_request, replay
from bookedbarber.foundation.api.pagination import paginate
from bookedbarber.foundation.api.throttles import HourlyThrottle
from bookedbarber.foundation.idempotency import Answer

from ..models import Payment
from ..operations.charges import take_payment
from ..operations.checkouts import open_checkout
from ..operations.confirmations import confirm_payment
from ..operations.voids import void_payment
from ..queries.payment_descriptions import describe_payment
from .answers import answer_for, render_payment
from .reading import read_order
from .serializers import PaymentFilter, PaymentOutput, ProcessInput

KEY_HEADER = OpenApiParameter(
    "Idempotency-Key", str, OpenApiParameter.HEADER, description="Same key, same answer."
)


# Building a serializer's fields takes longer than validating with them, which changes nothing.
_PROCESS_INPUT = ProcessInput()


class ProcessView(APIView):
    permission_classes = (may(Permission.PAYMENT_WRITE),)
    throttle_classes = (HourlyThrottle,)
    throttle_scope = "processing"

    @extend_schema(
        request=ProcessInput,
        parameters=[KEY_HEADER],
        responses={201: PaymentOutput, 202: PaymentOutput},
    )
    def post(self, request: Request) -> Response:
        return _take(request)


class PaymentsView(APIView):
    def get_permissions(self) -> list[Any]:
        writes = self.request.method == "POST"
        return [may(Permission.PAYMENT_WRITE if writes else Permission.PAYMENT_READ)()]

    def get_throttles(self) -> list[Any]:
        return [HourlyThrottle()] if self.request.method == "POST" else []

    throttle_scope = "processing"

    @extend_schema(parameters=[PaymentFilter], responses=PaymentOutput(many=True))
    def get(self, request: Request) -> Response:
        wanted = PaymentFilter.read(request)
        rows = Payment.objects.visible_to(get_person(request)).filter(**wanted)
        return paginate(
            request, rows.with_parts(), lambda row: render_payment(describe_payment(row))
        )

    @extend_schema(
        request=ProcessInput,
        parameters=[KEY_HEADER],
        responses={201: PaymentOutput, 202: PaymentOutput},
    )
    def post(self, request: Request) -> Response:
        return _take(request)


class PaymentView(APIView):
    permission_classes = (may(Permission.PAYMENT_READ),)

    @extend_schema(responses=PaymentOutput)
    def get(self, request: Request, payment_id: str) -> Response:
        visible = Payment.objects.visible_to(get_person(request)).with_parts()
        payment = get_object_or_404(visible, public_id=payment_id)
        return Response(render_payment(describe_payment(payment)))


class ConfirmView(APIView):
    permission_classes = (may(Permission.PAYMENT_WRITE),)

    @extend_schema(request=None, responses={200: PaymentOutput, 202: PaymentOutput})
    def post(self, request: Request, payment_id: str) -> Response:
        payment = _find(request, payment_id)
        confirmed = confirm_payment(
            payment=payment, by=get_person(request).public_id, now=timezone.now()
        )
        return _describe(confirmed)


class VoidView(APIView):
    permission_classes = (may(Permission.PAYMENT_WRITE), ClientsOnlyRead)

    @extend_schema(request=None, responses={200: PaymentOutput, 202: PaymentOutput})
    def post(self, request: Request, payment_id: str) -> Response:
        payment = _find(request, payment_id)
        voided = void_payment(payment=payment, by=get_person(request).public_id, now=timezone.now())
        return _describe(voided)


def _find(request: Request, payment_id: str) -> Payment:
    visible = Payment.objects.visible_to(get_person(request))
    return get_object_or_404(visible, public_id=payment_id)


def _describe(payment: Payment) -> Response:
    """Something that exists is answered 200, not 201."""
    status, body = answer_for(payment)
    return Response(body, status=200 if status == 201 else status)


def _take(request: Request) -> Response:
    fields, now = _PROCESS_INPUT.run_validation(request.data), timezone.now()
    # What was frozen under the key is what this request is answered too, to the letter.
    kept: list[Answer] = []

    def answer(payment: Payment) -> Answer:
        kept.append(answer_for(payment))
        return kept[-1]

    keyed = read_keyed_request(request, answer)
    order = read_order(request, fields, now)
    act = take_payment if order.payment_methods else open_checkout
    taken = act(order=order, by=get_person(request).public_id, now=now, keyed=keyed)
    if taken.replayed is not None:
        return replay(taken.replayed)
    status, body = kept[-1] if kept else answer_for(taken.payment)
    return Response(body, status=status)
