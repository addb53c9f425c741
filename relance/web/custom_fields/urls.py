"""Custom fields: /settings/fields/…"""

from django.urls import path

from relance.web.custom_fields import views

app_name = "custom_fields"
urlpatterns = [
    path("", views.show, name="list"),
    path("new/<slug:entity>/", views.create, name="create"),
    path("<int:field_id>/", views.edit, name="edit"),
    path("<int:field_id>/move/", views.move, name="move"),
    path("<int:field_id>/active/", views.set_active, name="active"),
]
