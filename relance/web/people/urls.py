"""Leads and contacts."""

from django.urls import path

from relance.web.people import acts, card, lists, photo, views

lists.declare()
card.declare()
app_name = "people"
urlpatterns = [
    path("", views.list_people, name="list"),
    path("new/", views.create, name="create"),
    path("proposals/", views.proposals, name="proposals"),
    path("<int:person_id>/", views.show, name="show"),
    path("<int:person_id>/edit/", views.edit, name="edit"),
    path("<int:person_id>/photo/", photo.edit, name="photo"),
    path("<int:person_id>/picture/", photo.picture, name="picture"),
    path("<int:person_id>/known/", views.known, name="known"),
    path("<int:person_id>/delete/", acts.delete, name="delete"),
    path("<int:person_id>/kind/", acts.change_kind, name="kind"),
    path("<int:person_id>/merge/", acts.merge, name="merge"),
]
