"""Giving money back, and looking at refunds."""

from typing import Any

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
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

from ..models import Payment, Refund
from ..operations.refund_requests import request_refund
from ..queries.refund_descriptions import describe_refund
from ..rules.refunds import read_refund_amount
from .payment_views import KEY_HEADER
from .refund_answers import answer_for_refund, render_refund
from .refund_serializers import RefundFilter, RefundInput, RefundOutput


class RefundsView(APIView):
    throttle_scope = "processing"

    def get_permissions(self) -> list[Any]:
        if self.request.method == "POST":
            return [may(Permission.PAYMENT_WRITE)(), ClientsOnlyRead()]
        return [may(Permission.PAYMENT_READ)()]

    def get_throttles(self) -> list[Any]:
        return [HourlyThrottle()] if self.request.method == "POST" else []

    @extend_schema(parameters=[RefundFilter], responses=RefundOutput(many=True))
    def get(self, request: Request) -> Response:
        wanted = RefundFilter.read(request)
        # A request is in a state when one of its parts is.
        state = wanted.pop("state", None)
        found = Refund.objects.visible_to(get_person(request)).first_parts().filter(**wanted)
        if state is not None:
            found = found.with_part_in(state)
        return paginate(
            request, found.with_parts(), lambda row: render_refund(describe_refund(row))
        )

    @extend_schema(
        request=RefundInput,
        parameters=[KEY_HEADER],
        responses={201: RefundOutput, 202: RefundOutput},
    )
    def post(self, request: Request) -> Response:
        wanted = RefundInput(data=request.data)
        wanted.is_valid(raise_exception=True)
        # What was frozen under the key is what this request is answered too, to the letter.
        kept: list[Answer] = []

        def answer(refund: Refund) -> Answer:
            kept.append(answer_for_refund(refund))
            return kept[-1]

        person = get_person(request)
        fields = wanted.validated_data
        payment = get_object_or_404(
            Payment.objects.visible_to(person), public_id=fields["payment_id"]
        )
        requested = request_refund(
            payment=payment,
            amount=read_refund_amount(
                fields.get("amount"), fields.get("currency"), payment.currency
            ),
            reason=fields.get("reason", ""),
            by=person.public_id,
            now=timezone.now(),
            keyed=read_keyed_request(request, answer),
        )
        if requested.replayed is not None:
            return replay(requested.replayed)
        status, body = kept[-1] if kept else answer_for_refund(requested.refund)
        return Response(body, status=status)


class RefundView(APIView):
    permission_classes = (may(Permission.PAYMENT_READ),)

    @extend_schema(responses=RefundOutput)
    def get(self, request: Request, refund_id: str) -> Response:
        """By the id of the request, or of any of its parts."""
        visible = Refund.objects.visible_to(get_person(request)).with_parts()
        refund = get_object_or_404(visible, parts__public_id=refund_id)
        return Response(render_refund(describe_refund(refund)))
