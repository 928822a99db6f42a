from django.urls import path

from . import act_views, collection_views

urlpatterns = [
    path("platform-collections/my-collections", collection_views.MyCollectionsView.as_view()),
    path("platform-collections/summary", collection_views.SummaryView.as_view()),
    path(
        "platform-collections/collections/<str:collection_id>",
        collection_views.CollectionView.as_view(),
    ),
    path(
        "platform-collections/collections/<str:collection_id>/contest",
        act_views.ContestView.as_view(),
    ),
    path("platform-collections/collections/<str:collection_id>/pay", act_views.PayView.as_view()),
    path(
        "platform-collections/collections/<str:collection_id>/retry", act_views.RetryView.as_view()
    ),
    path(
        "platform-collections/collections/<str:collection_id>/waive", act_views.WaiveView.as_view()
    ),
]
