"""The register begins with the four high risks of the strategy."""

from typing import Any

from django.db import migrations
from django.utils import timezone

from tracking.risks.strategy import RISKS


def begin(apps: Any, editor: Any) -> None:
    Risk = apps.get_model("tracking", "Risk")
    for risk in RISKS:
        values = {name: value for name, value in risk.items() if name != "key"}
        Risk.objects.using(editor.connection.alias).get_or_create(
            key=risk["key"], defaults={**values, "updated_at": timezone.now()}
        )


class Migration(migrations.Migration):
    dependencies = [("tracking", "0016_risks")]

    operations = [migrations.RunPython(begin, migrations.RunPython.noop)]
