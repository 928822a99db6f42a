from django.urls import path

from .views import collections

urlpatterns = [
    path("", collections.collection_list, name="collection_list"),
    path("<str:collection_id>", collections.collection_detail, name="collection_detail"),
    path("<str:collection_id>/contest", collections.collection_contest, name="collection_contest"),
    path("<str:collection_id>/pay", collections.collection_pay, name="collection_pay"),
]
