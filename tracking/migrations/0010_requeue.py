import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("tracking", "0009_triage"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Requeue",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("action", models.CharField(max_length=64)),
                ("asked_at", models.DateTimeField()),
                ("reason", models.CharField(blank=True, max_length=1000)),
                ("records", models.PositiveBigIntegerField(default=0)),
                ("batches", models.JSONField(default=list)),
                ("faults", models.JSONField(null=True)),
                ("ended_at", models.DateTimeField(db_index=True, null=True)),
                ("outcome", models.JSONField(null=True)),
                (
                    "asked_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="requeues",
                        to="tracking.run",
                    ),
                ),
            ],
            options={
                "verbose_name": "re-queue",
                "verbose_name_plural": "re-queues",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="SizeChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                ("before", models.PositiveIntegerField()),
                ("after", models.PositiveIntegerField()),
                ("reason", models.CharField(max_length=200)),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="size_changes",
                        to="tracking.run",
                    ),
                ),
            ],
            options={
                "verbose_name": "change of size",
                "verbose_name_plural": "changes of size",
                "ordering": ["-id"],
            },
        ),
    ]
