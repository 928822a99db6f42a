from functools import partial
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

from bookedbarber.foundation.ids import new_public_id

from ..roles import Permission, Role, get_permissions


class UserAccounts(BaseUserManager["User"]):
    """Makes users; Django's commands expect these two names."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        fields |= {"role": Role.ADMIN, "is_staff": True, "is_superuser": True}
        return self.create_user(email, password, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """A person who logs in."""

    public_id = models.CharField(
        max_length=40, unique=True, editable=False, default=partial(new_public_id, "usr")
    )
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=100, blank=True)
    role = models.CharField(max_length=20, choices=[(role, role.value) for role in Role])
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False, help_text="May use the admin.")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar[UserAccounts] = UserAccounts()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("email"), name="user_email_once"),
            models.CheckConstraint(
                condition=models.Q(role__in=list(Role)), name="user_role_is_known"
            ),
        ]

    def __str__(self) -> str:
        return self.email

    @property
    def barber_id_or_none(self) -> int | None:
        barber = getattr(self, "barber", None)
        return barber.pk if barber else None

    def may(self, permission: Permission) -> bool:
        return permission in get_permissions(self.role)
