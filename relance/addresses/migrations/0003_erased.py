from django.db import migrations, models

import relance.lib.clock


class Migration(migrations.Migration):
    dependencies = [("addresses", "0002_verdicts")]

    operations = [
        migrations.AddField(
            model_name="emailaddress",
            name="erased_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.CreateModel(
            name="Erased",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("digest", models.CharField(max_length=64, unique=True)),
                (
                    "created_at",
                    models.DateTimeField(default=relance.lib.clock.now, editable=False),
                ),
            ],
        ),
    ]
