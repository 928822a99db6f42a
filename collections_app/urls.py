from django.urls import path

from .views import collections, mandates

urlpatterns = [
    path("", collections.collection_list, name="collection_list"),
    path("methods", mandates.mandate_list, name="mandate_list"),
    path("methods/saved", mandates.mandate_saved, name="mandate_saved"),
    path("methods/<str:mandate_id>/withdraw", mandates.mandate_withdraw, name="mandate_withdraw"),
    path("<str:collection_id>", collections.collection_detail, name="collection_detail"),
    path("<str:collection_id>/contest", collections.collection_contest, name="collection_contest"),
    path("<str:collection_id>/pay", collections.collection_pay, name="collection_pay"),
]
