"""The payer's page of a payment. Whoever has the address may pay: its id cannot be guessed."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from bookedbarber.foundation.errors import DomainError

from ..forms.checkouts import CheckoutForm
from ..models import Payment
from ..operations.checkouts import submit_checkout
from ..states import PaymentState
from .rows import to_row


@require_http_methods(["GET", "HEAD", "POST"])
def checkout(request: HttpRequest, payment_id: str) -> HttpResponse:
    payments = Payment.objects.filter(environment=settings.ENVIRONMENT).with_parts()
    payment = get_object_or_404(payments.select_related("barber"), public_id=payment_id)
    form = CheckoutForm(request.POST or None, payment=payment, now=timezone.now())
    if form.is_valid() and _submit(form, payment):
        return redirect("checkout", payment_id=payment.public_id)
    context = {
        "form": form if payment.state == PaymentState.PENDING else None,
        "payment": payment,
        "row": to_row(payment),
    }
    return render(request, "payments/checkout.html", context)


def _submit(form: CheckoutForm, payment: Payment) -> bool:
    try:
        submit_checkout(
            payment=payment,
            payment_methods=form.get_payment_methods(),
            by=f"payer:{payment.public_id}",
            now=timezone.now(),
        )
    except DomainError as error:
        form.add_fault(error)
        return False
    return True
