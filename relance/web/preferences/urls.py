"""What a user sets for herself."""

from django.urls import path

from relance.web.preferences import views

app_name = "preferences"
urlpatterns = [
    path("", views.edit, name="edit"),
    path("warnings/<slug:code>/", views.warn_again, name="warn_again"),
    path("images/<int:address_id>/", views.revoke_images, name="revoke_images"),
    path("password/", views.password, name="password"),
]
