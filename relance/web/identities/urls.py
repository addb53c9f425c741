"""The sender addresses of a mailbox."""

from django.urls import path

from relance.web.identities import views

app_name = "identities"
urlpatterns = [
    path("<int:pk>/addresses/", views.show, name="show"),
    path("<int:pk>/addresses/new/", views.add, name="add"),
    path("<int:pk>/addresses/default/", views.default, name="default"),
    path("<int:pk>/addresses/<int:row>/code/", views.code, name="code"),
    path("<int:pk>/addresses/<int:row>/confirm/", views.confirm, name="confirm"),
    path("<int:pk>/addresses/<int:row>/name/", views.rename, name="rename"),
    path("<int:pk>/addresses/<int:row>/remove/", views.remove, name="remove"),
]
