"""What belongs to every list: /lists/<module>/…"""

from django.urls import path

from relance.web.exports.views import export
from relance.web.records import bulk, common_columns, fields_in_place, keeping, views

keeping.declare()
common_columns.declare()
app_name = "records"
urlpatterns = [
    path("card/<slug:entity>/<int:key>/", fields_in_place.show, name="card"),
    path("fields/<slug:entity>/<int:key>/<slug:name>/", fields_in_place.edit, name="field"),
    path("<slug:key>/criteria/", views.criteria, name="criteria"),
    path("<slug:key>/columns/", views.choose_columns, name="columns"),
    path("<slug:key>/export.<slug:kind>", export, name="export"),
    path("<slug:key>/bulk/<slug:name>/", bulk.act, name="bulk"),
    path("<slug:key>/views/new/", keeping.create, name="create_view"),
    path("<slug:key>/views/<int:view_id>/edit/", keeping.edit, name="edit_view"),
    path("<slug:key>/views/<int:view_id>/update/", keeping.update, name="update_view"),
    path("<slug:key>/views/<int:view_id>/delete/", keeping.delete, name="delete_view"),
]
