"""What belongs to no page alone: undo and the theme."""

from django.urls import path

from relance.web.shell import views

app_name = "shell"
urlpatterns = [
    path("undo/<int:entry_id>/", views.undo, name="undo"),
    path("theme/", views.theme, name="theme"),
    path("shortcuts/", views.shortcuts, name="shortcuts"),
    path("shortcuts/single-keys/", views.single_keys, name="single_keys"),
]
