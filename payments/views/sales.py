"""Taking a payment, and looking at payments."""

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from bookedbarber.accounts.models import Barber
from bookedbarber.accounts.roles import Permission, Role
from bookedbarber.foundation.errors import DomainError
from bookedbarber.foundation.idempotency import (
    Answer,
    KeyedRequest,
    KeyReused,
    StillInProgress,
    get_fingerprint,
)
from bookedbarber.foundation.models import IdempotencyKey
from bookedbarber.foundation.pages import take_newest

from ..forms.refunds import RefundForm
from ..forms.sales import SaleForm, is_key, new_key
from ..models import Payment
from ..operations.charges import take_payment
from ..operations.claims import route_order
from ..operations.refund_requests import get_refundable
from ..queries.refund_descriptions import list_refunds_of
from ..queries.routing import Quote
from .people import get_own_barber, get_user, permitted
from .rows import to_refund_row, to_row

PER_PAGE = 50


@require_safe
@permitted(Permission.PAYMENT_READ)
def payment_list(request: HttpRequest) -> HttpResponse:
    """Newest first; `?before=pay_…` shows those before that payment."""
    part = take_newest(request, list_visible(request), at_most=PER_PAGE)
    context = {
        "part": part,
        "rows": [to_row(payment) for payment in part.rows],
        **_get_view_of(request),
    }
    return render(request, "payments/payment_list.html", context)


@require_safe
@permitted(Permission.PAYMENT_READ)
def payment_detail(request: HttpRequest, payment_id: str) -> HttpResponse:
    payment = get_object_or_404(list_visible(request), public_id=payment_id)
    return render(request, "payments/payment_detail.html", describe_detail(request, payment))


def describe_detail(
    request: HttpRequest, payment: Payment, *, refund_form: RefundForm | None = None
) -> dict[str, object]:
    """What the page of a payment shows, with a form for a refund where one is possible."""
    user = get_user(request)
    left = get_refundable(payment=payment)
    may_refund = user.may(Permission.PAYMENT_WRITE) and user.role != Role.CLIENT
    if refund_form is None and may_refund and left:
        refund_form = RefundForm(None, payment=payment)
    return {
        "row": to_row(payment),
        "refunds": [to_refund_row(refund) for refund in list_refunds_of(payment)],
        "refund_form": refund_form,
        "refundable": left,
        **_get_view_of(request),
    }


@require_http_methods(["GET", "HEAD", "POST"])
@permitted(Permission.PAYMENT_WRITE)
def payment_new(request: HttpRequest) -> HttpResponse:
    """The key is in the address, so that going back and sending again repeats the request."""
    barber, now = get_own_barber(request), timezone.now()
    key = request.GET.get("key", "")
    if request.method != "POST" and not is_key(key):
        return redirect(_add_key(request))
    form = SaleForm(request.POST or None, barber=barber, now=now)
    form.start_with(key=key, appointment_id=request.GET.get("appointment", ""))
    quote = None
    if form.is_valid():
        if "check" in request.POST:
            quote = _quote(form)
        elif (payment := _take(request, form)) is not None:
            return redirect("payment_detail", payment_id=payment.public_id)
    context = {"form": form, "quote": quote, "barber": barber}
    return render(request, "payments/payment_new.html", context)


def _add_key(request: HttpRequest) -> str:
    query = request.GET.copy()
    query["key"] = new_key()
    return f"{request.path}?{query.urlencode()}"


def list_visible(request: HttpRequest) -> QuerySet[Payment]:
    return (
        Payment.objects.visible_to(get_user(request))
        .filter(environment=settings.ENVIRONMENT)
        .select_related("barber", "appointment__client")
        .with_parts()
    )


def _get_view_of(request: HttpRequest) -> dict[str, object]:
    """Clients see what they paid, not how it is shared; owners see whose it is."""
    user = get_user(request)
    return {
        "shows_share": user.role != Role.CLIENT,
        "shows_barber": user.role != Role.BARBER,
        "takes_payments": isinstance(getattr(user, "barber", None), Barber),
    }


def _quote(form: SaleForm) -> Quote | None:
    """Where the sale would go, exactly as taking it would decide."""
    try:
        quote, _ = route_order(form.order, now=timezone.now())
    except DomainError as error:
        form.add_fault(error)
        return None
    return quote


def _take(request: HttpRequest, form: SaleForm) -> Payment | None:
    """None: it failed before anything was charged, and the form says why."""
    keyed = _to_keyed_request(request, form)
    try:
        taken = take_payment(order=form.order, by=keyed.principal, now=timezone.now(), keyed=keyed)
    except StillInProgress:
        # A second click: show the payment that the first one is taking.
        first = IdempotencyKey.objects.get(principal=keyed.principal, key=keyed.key)
        return Payment.objects.get(public_id=first.subject)
    except KeyReused:
        form.add_error(
            None,
            "This form was sent before with other values. Look at your payments first; sending "
            "it again now takes a new payment.",
        )
        form.renew_key()
        return None
    except DomainError as error:
        form.add_fault(error)
        return None
    return taken.payment


def _to_keyed_request(request: HttpRequest, form: SaleForm) -> KeyedRequest:
    """The form under the key that it was shown with: reloads and double clicks charge once."""

    def render_outcome(payment: Payment) -> Answer:
        return 200, {"payment_id": payment.public_id}

    return KeyedRequest(
        principal=get_user(request).public_id,
        key=f"page-{form.cleaned_data['key']}",
        fingerprint=get_fingerprint("POST", request.path, form.get_content()),
        render=render_outcome,
    )
