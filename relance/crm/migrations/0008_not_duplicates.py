import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import relance.lib.clock


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0007_activity_words"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="NotDuplicates",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("entity", models.CharField(max_length=10)),
                ("first", models.BigIntegerField()),
                ("second", models.BigIntegerField()),
                (
                    "created_at",
                    models.DateTimeField(default=relance.lib.clock.now, editable=False),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("entity", "first", "second"), name="crm_not_duplicates_once"
                    )
                ],
            },
        ),
    ]
