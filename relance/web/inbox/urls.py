"""The inbox, its folders and search."""

from django.urls import path

from relance.web.inbox import live, views

app_name = "inbox"
urlpatterns = [
    path("", views.columns, name="columns"),
    path("list/", views.unified, name="unified"),
    path("columns/<int:stream>/", views.one_column, name="column"),
    path("columns/<int:stream>/shown/", views.choose_shown, name="shown"),
    path("folders/<slug:use>/", views.folder, name="folder"),
    path("search/", views.search, name="search"),
    path("inbox/mailbox/", views.choose_account, name="account"),
    path("inbox/changes/", live.changes, name="changes"),
    path("inbox/live/", live.stream, name="live"),
]
