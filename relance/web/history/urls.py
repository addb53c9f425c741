"""The history of a record."""

from django.urls import path

from relance.web.history import views

app_name = "history"
urlpatterns = [
    path("<slug:entity>/<int:key>/", views.panel, name="panel"),
    path("<slug:entity>/<int:key>/turn/", views.turn, name="turn"),
]
