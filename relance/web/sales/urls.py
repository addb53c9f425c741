"""Sales documents: /sales/quotes/, /sales/quote/12/ …"""

from django.urls import path, register_converter

from relance.crm.models import SalesDocument
from relance.crm.sales_fields import MODULES
from relance.web.sales import acts, lists, series, views

lists.declare()


class _Kind:
    regex = "|".join(SalesDocument.Kind.values)

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return str(value)


register_converter(_Kind, "document")
_ONE = "<document:kind>/<int:document_id>/"
_KIND_OF = dict(zip([module.key for module in MODULES], SalesDocument.Kind.values, strict=True))

app_name = "sales"
urlpatterns = [
    path("numbers/", series.edit, name="series"),
    path("related/<slug:entity>/<int:key>/", views.related, name="related"),
    *(path(f"{key}/", views.list_documents, {"key": key}, name=key) for key in _KIND_OF),
    *(
        path(f"{key}/new/", views.create, {"kind": kind}, name=f"create_{key}")
        for key, kind in _KIND_OF.items()
    ),
    path(_ONE, views.show, name="show"),
    path(f"{_ONE}edit/", views.edit, name="edit"),
    path(f"{_ONE}reckon/", views.reckon, name="reckon"),
    path(f"{_ONE}pdf/", acts.pdf, name="pdf"),
    path(f"{_ONE}send/", acts.send, name="send"),
    path(f"{_ONE}status/", acts.status, name="status"),
    path(f"{_ONE}follow/", acts.follow, name="follow"),
    path(f"{_ONE}delete/", acts.delete, name="delete"),
]
