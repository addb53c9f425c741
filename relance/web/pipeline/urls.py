"""The board of deals: /deals/board/"""

from django.urls import path

from relance.web.pipeline import views

app_name = "pipeline"
urlpatterns = [
    path("", views.show, name="board"),
    path("lanes/<int:stage_id>/", views.more, name="more"),
    path("<int:deal_id>/", views.choose, name="choose"),
]
