from django.urls import path

from . import views

urlpatterns = [
    path("token", views.TokenView.as_view()),
    path("token/refresh", views.TokenRefreshView.as_view()),
    path("token/revoke", views.TokenRevokeView.as_view()),
    path("me", views.MeView.as_view()),
]
