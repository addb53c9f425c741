"""Stages of the pipeline: /settings/stages/"""

from django.urls import path

from relance.web.stages import views

app_name = "stages"
urlpatterns = [
    path("", views.show, name="list"),
    path("new/", views.create, name="create"),
    path("<int:stage_id>/", views.edit, name="edit"),
    path("<int:stage_id>/move/", views.move, name="move"),
    path("<int:stage_id>/delete/", views.delete, name="delete"),
]
