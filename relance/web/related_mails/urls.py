"""Addresses of the mails of records."""

from django.urls import path

from relance.web.related_mails import views

app_name = "related_mails"
urlpatterns = [
    path("<slug:entity>/<int:key>/", views.mails, name="list"),
    path("<slug:entity>/<int:key>/panel/", views.panel, name="panel"),
]
