"""Merging duplicates."""

from django.urls import path

from relance.web.merge import views

app_name = "merge"
urlpatterns = [
    path("", views.pairs, name="list"),
    path("people/<int:keep_id>/<int:drop_id>/", views.people, name="preview"),
    path("accounts/<int:keep_id>/<int:drop_id>/", views.accounts, name="accounts"),
    path("<slug:kind>/<int:one>/<int:other>/aside/", views.aside, name="aside"),
]
