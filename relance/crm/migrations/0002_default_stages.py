"""The stages a new pipeline starts with."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

STAGES = [
    ("Prospecting", "Prospection", "open", 10),
    ("Qualification", "Qualification", "open", 20),
    ("Proposal", "Proposition", "open", 50),
    ("Negotiation", "Négociation", "open", 80),
    ("Closed Won", "Gagnée", "won", 100),
    ("Closed Lost", "Perdue", "lost", 0),
]


def make_stages(apps: Apps, _schema_editor: BaseDatabaseSchemaEditor) -> None:
    stage = apps.get_model("crm", "Stage")
    if stage.objects.exists():
        return
    for position, (name, name_fr, kind, probability) in enumerate(STAGES, start=1):
        stage.objects.create(
            name=name, name_fr=name_fr, kind=kind, probability=probability, position=position
        )


class Migration(migrations.Migration):
    dependencies = [("crm", "0001_initial")]

    operations = [migrations.RunPython(make_stages, migrations.RunPython.noop)]
