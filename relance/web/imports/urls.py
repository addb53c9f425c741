"""/imports/…"""

from django.urls import path

from relance.web.imports import files, views

app_name = "imports"
urlpatterns = [
    path("", views.create, name="create"),
    path("example/<slug:module>.csv", files.example, name="example"),
    path("<int:pk>/", views.show, name="show"),
    path("<int:pk>/check/", views.check, name="check"),
    path("<int:pk>/start/", views.start, name="start"),
    path("<int:pk>/progress/", views.progress, name="progress"),
    path("<int:pk>/cancel/", views.cancel, name="cancel"),
    path("<int:pk>/undo/", views.undo, name="undo"),
    path("<int:pk>/refused.csv", files.refused, name="refused"),
]
