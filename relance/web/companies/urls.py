"""Companies, shown as accounts."""

from django.urls import path

from relance.web.companies import card, lists, views

lists.declare()
card.declare()
app_name = "companies"
urlpatterns = [
    path("", views.list_companies, name="list"),
    path("new/", views.create, name="create"),
    path("proposals/", views.proposals, name="proposals"),
    path("<int:company_id>/", views.show, name="show"),
    path("<int:company_id>/edit/", views.edit, name="edit"),
    path("<int:company_id>/delete/", views.delete, name="delete"),
]
