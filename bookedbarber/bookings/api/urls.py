from django.urls import path

from . import views

urlpatterns = [
    path("appointments", views.AppointmentsView.as_view()),
    path("appointments/<int:appointment_id>", views.AppointmentView.as_view()),
]
