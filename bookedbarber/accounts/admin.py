"""People: users and groups, shops and barbers. Password hashes and tokens are never shown."""

from typing import Any

import allauth.account.admin  # noqa: F401  registers what is registered anew below
import django.contrib.auth.admin
import rest_framework_simplejwt.token_blacklist.admin  # noqa: F401  as above
from allauth.account.models import EmailAddress
from django.contrib import admin
from django.contrib.auth.models import Group
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken, OutstandingToken
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm

from bookedbarber.foundation.admin_base import EditableAdmin, ReadOnlyAdmin
from bookedbarber.foundation.admin_display import Table, list_history
from bookedbarber.foundation.audit import record_audit

from .admin_forms import NewUserForm, UserForm
from .models import Barber, Enterprise, Shop, User
from .roles import Role

for model in (Group, OutstandingToken, BlacklistedToken, EmailAddress):
    admin.site.unregister(model)


@admin.register(User)
class UserAdmin(EditableAdmin, django.contrib.auth.admin.UserAdmin):  # type: ignore[misc,type-arg]
    """Only superusers decide who is staff; others cannot touch the staff's accounts at all."""

    form = UserForm
    add_form = NewUserForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("email", "name", "role", "is_active", "is_staff", "public_id")
    list_filter = ("role", "is_active", "is_staff")
    search_fields = ("public_id__exact", "email", "name")
    filter_horizontal = ()
    readonly_fields = ("public_id", "last_login", "created_at", "password_link")
    fieldsets = (
        (None, {"fields": ("email", "name", "role", "is_active", "password_link")}),
        ("Staff", {"fields": ("is_staff", "is_superuser", "groups")}),
        ("Facts", {"fields": ("public_id", "created_at", "last_login")}),
    )
    add_fieldsets = ((None, {"fields": ("email", "name", "role", "password1", "password2")}),)
    staff_fields = ("is_staff", "is_superuser", "groups")

    @admin.display(description="password")
    def password_link(self, user: User) -> SafeString:
        address = reverse("admin:auth_user_password_change", args=[user.pk])
        return format_html('<a class="text-primary-600" href="{}">Set a new password</a>', address)

    def list_tables(self, row: User) -> list[Table]:
        return [list_history([row.public_id])]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        fields = list(super().get_readonly_fields(request, obj))
        return fields if request.user.is_superuser else [*fields, *self.staff_fields]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        allowed: bool = super().has_change_permission(request, obj)
        return allowed and (request.user.is_superuser or obj is None or not _is_staff(obj))

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> "type[ModelForm[Any]]":
        form: type[ModelForm[Any]] = super().get_form(request, obj, change=change, **kwargs)
        if "role" in form.base_fields and not request.user.is_superuser:
            roles = [(role, role.value) for role in Role if role != Role.ADMIN]
            form.base_fields["role"].choices = roles  # type: ignore[attr-defined]
        return form

    def user_change_password(
        self,
        request: HttpRequest,
        id: str,  # noqa: A002  Django's name
        form_url: str = "",
    ) -> HttpResponse:
        response: HttpResponse = super().user_change_password(request, id, form_url)
        user = self.get_object(request, id)
        if request.method == "POST" and response.status_code == 302 and user is not None:
            record_audit(
                subject=user.public_id,
                action="user.password_set",
                by=request.user.public_id,  # type: ignore[union-attr]
            )
        return response


def _is_staff(user: User) -> bool:
    return user.is_staff or user.is_superuser or user.role == Role.ADMIN


@admin.register(Enterprise)
class EnterpriseAdmin(EditableAdmin):
    list_display = ("name", "owner", "created_at")
    list_select_related = ("owner",)
    search_fields = ("name", "owner__email")
    autocomplete_fields = ("owner",)
    readonly_fields = ("created_at",)
    fields = ("name", "owner", "created_at")

    def list_tables(self, row: Enterprise) -> list[Table]:
        return [list_history([f"enterprise:{row.pk}"])]


@admin.register(Shop)
class ShopAdmin(EditableAdmin):
    list_display = ("name", "owner", "enterprise", "created_at")
    list_select_related = ("owner", "enterprise")
    search_fields = ("name", "owner__email")
    autocomplete_fields = ("owner", "enterprise")
    readonly_fields = ("created_at",)
    fields = ("name", "owner", "enterprise", "created_at")

    def list_tables(self, row: Shop) -> list[Table]:
        return [list_history([f"shop:{row.pk}"])]


@admin.register(Barber)
class BarberAdmin(EditableAdmin):
    list_display = ("name", "user", "shop", "time_zone", "id")
    list_select_related = ("user", "shop")
    search_fields = ("name", "user__email", "user__public_id__exact")
    autocomplete_fields = ("user", "shop")
    readonly_fields = ("routing_version", "created_at")
    fields = ("name", "user", "shop", "time_zone", "routing_version", "created_at")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        # Sales and accounts hang on the barber: they do not pass to another person.
        fields = list(super().get_readonly_fields(request, obj))
        return fields if obj is None else [*fields, "user"]

    def list_tables(self, row: Barber) -> list[Table]:
        return [list_history([f"barber:{row.pk}"])]


@admin.register(Group)
class GroupAdmin(django.contrib.auth.admin.GroupAdmin, ModelAdmin):
    pass


@admin.register(EmailAddress)
class EmailAddressAdmin(ReadOnlyAdmin):
    list_display = ("email", "user", "primary", "verified")
    list_select_related = ("user",)
    search_fields = ("email", "user__public_id")
    fields = ("email", "user", "primary", "verified")


@admin.register(OutstandingToken)
class OutstandingTokenAdmin(ReadOnlyAdmin):
    list_display = ("jti", "user", "created_at", "expires_at")
    list_select_related = ("user",)
    search_fields = ("jti", "user__public_id", "user__email")
    fields = ("jti", "user", "created_at", "expires_at")


@admin.register(BlacklistedToken)
class BlacklistedTokenAdmin(ReadOnlyAdmin):
    list_display = ("jti", "user", "blacklisted_at")
    list_select_related = ("token__user",)
    search_fields = ("token__jti", "token__user__public_id")
    fields = ("jti", "user", "blacklisted_at")

    def jti(self, row: BlacklistedToken) -> str:
        return row.token.jti

    def user(self, row: BlacklistedToken) -> str:
        return str(row.token.user)
