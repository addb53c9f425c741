"""Deals."""

from django.urls import path

from relance.web.deals import acts, card, lists, views

lists.declare()
card.declare()
app_name = "deals"
urlpatterns = [
    path("", views.list_deals, name="list"),
    path("new/", views.create, name="create"),
    path("<int:deal_id>/", views.show, name="show"),
    path("<int:deal_id>/edit/", views.edit, name="edit"),
    path("<int:deal_id>/delete/", acts.delete, name="delete"),
    path("<int:deal_id>/stage/", acts.move, name="stage"),
    path("<int:deal_id>/lose/", acts.lose, name="lose"),
    path("<int:deal_id>/contacts/", acts.add_contact, name="contacts"),
    path("<int:deal_id>/contacts/<int:person_id>/primary/", acts.make_primary, name="primary"),
    path("<int:deal_id>/contacts/<int:person_id>/remove/", acts.remove_contact, name="remove"),
]
