"""Signatures: those of a user among her preferences, the organisation's among its settings."""

from django.urls import path

from relance.web.signature import common, photo, views

app_name = "signature"
urlpatterns = [
    path("preferences/signature/", views.edit, name="edit"),
    path("preferences/signature/remove/", views.remove, name="remove"),
    path("preferences/signature/preview/", views.preview, name="preview"),
    path("preferences/signature/photo/", photo.show, name="photo"),
    path("preferences/signature/photo/keep/", photo.keep, name="keep_photo"),
    path("preferences/signature/photo/remove/", photo.remove, name="remove_photo"),
    path("settings/signature/", common.edit, name="common"),
]
