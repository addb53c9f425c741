"""Drafts, scheduled mails, and what has left."""

from django.urls import path

from relance.web.outgoing import acts, asking, unblocking, views

app_name = "outgoing"
urlpatterns = [
    path("drafts/", views.drafts, name="drafts"),
    path("drafts/<int:copy_id>/adopt/", acts.adopt, name="adopt"),
    path("scheduled/", views.scheduled, name="scheduled"),
    path("sent/", views.sent, name="sent"),
    path("counts/", views.counts, name="counts"),
    path("addresses/<int:address_id>/unblock/", unblocking.unblock, name="unblock"),
    path("<int:outgoing_id>/", views.show, name="show"),
    path("<int:outgoing_id>/edit/", acts.edit, name="edit"),
    path("<int:outgoing_id>/resume/", acts.resume, name="resume"),
    path("<int:outgoing_id>/send/", acts.send_now, name="send"),
    path("<int:outgoing_id>/cancel/", asking.cancel, name="cancel"),
    path("<int:outgoing_id>/again/", acts.again, name="again"),
    path("<int:outgoing_id>/rewrite/", acts.write_again, name="rewrite"),
    path("<int:outgoing_id>/gone/", acts.gone, name="gone"),
    path("<int:outgoing_id>/search/", acts.search, name="search"),
]
