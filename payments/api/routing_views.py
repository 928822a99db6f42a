"""Where a payment would go. Nothing is written."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from bookedbarber.accounts.api.permissions import may
from bookedbarber.accounts.roles import Permission
from bookedbarber.foundation.api.throttles import HourlyThrottle
from bookedbarber.foundation.money import Money

from ..errors import PaymentRoutingFailed
from ..queries.routing import Quote, get_barber_facts, quote_route
from .reading import read_available, read_money, read_payee, read_preference
from .serializers import RouteInput, RouteOutput, TestRoutingOutput

USAGE = {
    "usage": "Send amount and appointment_id or barber_id to see where such a payment would go.",
    "parameters": ["appointment_id", "barber_id", "amount", "currency", "client_preference"],
}


# Building a serializer's fields takes longer than validating with them, which changes nothing.
_ROUTE_INPUT = RouteInput()


class RouteView(APIView):
    permission_classes = (may(Permission.PAYMENT_READ),)
    throttle_classes = (HourlyThrottle,)
    throttle_scope = "routing"

    @extend_schema(request=RouteInput, responses=RouteOutput)
    def post(self, request: Request) -> Response:
        return Response(render_quote(*_quote(request, request.data)))


class TestRoutingView(APIView):
    permission_classes = (may(Permission.PAYMENT_READ),)
    throttle_classes = (HourlyThrottle,)
    throttle_scope = "routing"

    @extend_schema(parameters=[RouteInput], responses=TestRoutingOutput)
    def get(self, request: Request) -> Response:
        if not request.query_params:
            return Response(USAGE)
        return _try_out(request, request.query_params.dict())

    @extend_schema(request=RouteInput, responses=TestRoutingOutput)
    def post(self, request: Request) -> Response:
        return _try_out(request, request.data)


def _try_out(request: Request, data: Any) -> Response:
    try:
        rendered = render_quote(*_quote(request, data))
    except PaymentRoutingFailed as error:
        return Response({"would_succeed": False, "code": error.code, "reason": error.message})
    return Response({"would_succeed": True, **rendered})


def _quote(request: Request, data: Any) -> tuple[Quote, Money]:
    fields, now = _ROUTE_INPUT.run_validation(data), timezone.now()
    payee = read_payee(request, fields)
    # Read once, so that without a cache too it costs one statement.
    known = get_barber_facts(payee.barber, now=now)
    amount = read_money(payee, fields, known)
    quote = quote_route(
        payee.barber,
        amount=amount,
        now=now,
        known=known,
        preference=read_preference(fields),
        tokens_for=read_available(fields, known),
    )
    return quote, amount


def render_quote(quote: Quote, amount: Money) -> dict[str, Any]:
    """A plain dictionary: this is the busiest answer of all."""
    route, fees = quote.route, quote.fees
    return {
        "routing_decision": route.decision,
        "recommended_processor": route.account.processor,
        "connection_id": route.account.connection_id,
        "reason": route.reason,
        "explanation": route.explanation,
        "candidates": [
            {
                "connection_id": candidate.account.connection_id,
                "processor": candidate.account.processor,
                "usable": candidate.is_usable,
                "reason": candidate.obstacle,
            }
            for candidate in route.candidates
        ],
        "routing_details": {
            "payment_mode": quote.terms.mode,
            "commission_rate": f"{quote.terms.commission.rate:.2f}",
            "fallback_available": quote.fallback_available,
            "legs": [
                {"connection_id": account.connection_id, "amount": str(part.major)}
                for account, part in route.list_legs(amount)
            ],
        },
        "estimated_fees": {
            "processing_fee": str(fees.processing_fee.major),
            "commission_fee": str(fees.commission.major),
            "total_fees": str(fees.total.major),
            "net_amount": str(fees.net_amount.major),
            "is_estimate": True,
        },
    }
