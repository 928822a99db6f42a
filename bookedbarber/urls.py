"""Requests → views."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

from bookedbarber.bookings.api import urls as bookings
from bookedbarber.console import views as console
from bookedbarber.foundation.api import errors
from collections_app.api import urls as collections
from payments.api import urls as payments
from payments.views.checkouts import checkout
from processors.api import urls as processors

admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

handler400 = errors.bad_request_anywhere
handler404 = errors.not_found_anywhere
handler500 = errors.broken_anywhere

api: list[URLPattern | URLResolver] = [
    # First what comes most often: addresses are looked for in this order.
    *processors.urlpatterns,
    path("auth/", include("bookedbarber.accounts.api.urls")),
    *bookings.urlpatterns,
    *payments.urlpatterns,
    *collections.urlpatterns,
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs", SpectacularSwaggerView.as_view(url_name="schema"), name="docs"),
]

urlpatterns = [
    path("api/v1/", include(api)),
    path("", console.home, name="home"),
    path("health", console.health),
    path("ready", console.ready),
    path("accounts/", include("allauth.account.urls")),
    path("payments/", include("payments.urls")),
    path("collections/", include("collections_app.urls")),
    path("pay/<str:payment_id>", checkout, name="checkout"),
    path("admin/", admin.site.urls),
]
