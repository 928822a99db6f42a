"""Disputes of every processor in one list."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from bookedbarber.accounts.roles import Permission, Role

from ..models import Dispute
from .payout_rows import to_dispute_row
from .people import get_user, permitted

PER_PAGE = 50


@require_safe
@permitted(Permission.COLLECTION_READ)
def dispute_list(request: HttpRequest) -> HttpResponse:
    """Newest first; `?before=dpt_…` shows those before, `?open=1` those that are not decided."""
    disputes = (
        Dispute.objects.visible_to(get_user(request))
        .filter(connection__environment=settings.ENVIRONMENT)
        .with_withdrawn()
        .select_related("barber", "connection", "payment")
    )
    if is_open := request.GET.get("open") == "1":
        disputes = disputes.open()
    older = disputes
    if before := request.GET.get("before"):
        older = disputes.filter(pk__lt=get_object_or_404(disputes, public_id=before).pk)
    found = list(older.order_by("-pk")[: PER_PAGE + 1])
    now = timezone.now()
    context = {
        "rows": [to_dispute_row(dispute, now=now) for dispute in found[:PER_PAGE]],
        "next": found[PER_PAGE - 1].public_id if len(found) > PER_PAGE else None,
        "is_first_page": before is None,
        "is_open": is_open,
        "shows_barber": get_user(request).role != Role.BARBER,
    }
    return render(request, "payments/dispute_list.html", context)
