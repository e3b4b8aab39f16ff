"""Every text of the panel has a Spanish one: complete, compiled, with the same placeholders. Needs no gettext tools."""

import ast
import gettext
import re
import subprocess
from functools import cache
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import translation
from django.utils.translation.template import templatize

from entities import registry
from entities.admin import titles
from tracking import labels, words
from tracking.actions.base import registered

BASE = Path(settings.BASE_DIR)
FOLDER = BASE / "locale" / "es" / "LC_MESSAGES"
SOURCES = ("boukii_migration", "entities", "tracking", "templates")
LAZY = {"gettext_lazy", "ngettext_lazy", "pgettext_lazy", "npgettext_lazy", "gettext_noop"}
NOW = {"gettext", "ngettext", "pgettext", "npgettext"}
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%%")
SAME_IN_BOTH = {
    "%(code)s: %(sentence)s", "General", "ID", "cursor", "error", "no", "panel", "total",
    "booking:601, clients/42, LEG-3-601, a voucher code, a name or an e-mail address",
    "%(what)s (%(named)s)", "%(name)s: %(error)s", "%(entity)s %(id)s: %(message)s", "%(run)s: %(why)s",
    "LEG-{V5 school}-{bookings2.id}", "LEGPAY-{bookings2.id}-{n}", "V5",
    "%(by)s: %(note)s", "monitor",
}  # fmt: skip


class Entry(dict):
    """What stands under one msgid: `msgctxt`, `msgid`, `msgid_plural`, `msgstr`, `msgstr[0]`, `msgstr[1]`, flags."""

    @property
    def key(self) -> str:
        return f"{self['msgctxt']}\x04{self['msgid']}" if "msgctxt" in self else self["msgid"]

    @property
    def pairs(self) -> list[tuple[str, str]]:
        if "msgid_plural" in self:
            return [(self["msgid"], self["msgstr[0]"]), (self["msgid_plural"], self["msgstr[1]"])]
        return [(self["msgid"], self["msgstr"])]


@cache
def catalogue() -> list[Entry]:
    entries = []
    for block in (FOLDER / "django.po").read_text("utf-8").split("\n\n"):
        entry, field = Entry(flags=""), ""
        for line in block.splitlines():
            if line.startswith("#,"):
                entry["flags"] += line
            elif found := re.match(r'(msg[a-z_]+(?:\[\d\])?) (".*")$', line):
                field, text = found.groups()
                entry[field] = ast.literal_eval(text)
            elif line.startswith('"'):
                entry[field] += ast.literal_eval(line)
        if entry.get("msgid"):
            entries.append(entry)
    return entries


@cache
def compiled() -> dict:
    with (FOLDER / "django.mo").open("rb") as file:
        found = dict(gettext.GNUTranslations(file)._catalog)
    found.pop("", None)
    return found


def sources(ending: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *SOURCES],
        cwd=BASE, capture_output=True, text=True, check=False,
    ).stdout.split()  # fmt: skip
    found = [BASE / name for name in listed] or [path for top in SOURCES for path in (BASE / top).rglob("*")]
    return [path for path in found if path.suffix == ending and path.is_file()]


def names_of(tree: ast.Module) -> dict[str, str]:
    """What the module calls the functions of translation: `_` → `gettext_lazy`, `sentence` → `sentence`."""
    return {
        one.asname or one.name: one.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        and node.module in ("django.utils.translation", "tracking.sentences")
        for one in node.names
        if one.name in LAZY | NOW | {"sentence"}
    }


def key_of(function: str, arguments: list[ast.expr]) -> str | None:
    texts = [one.value for one in arguments if isinstance(one, ast.Constant) and isinstance(one.value, str)]
    if function.removeprefix("n").startswith("pgettext"):
        return f"{texts[0]}\x04{texts[1]}" if len(texts) > 1 else None
    return texts[0] if texts else None


def in_python(path: Path) -> set[str]:
    tree = ast.parse(path.read_text("utf-8"))
    names = names_of(tree)
    calls = (
        node for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names
    )  # fmt: skip
    return {key for call in calls if (key := key_of(names[call.func.id], call.args))}


def in_template(path: Path) -> set[str]:
    """Django turns a template into lines of calls; their literals are what is collected."""
    literal = r"""u?(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
    calls = re.findall(
        rf"\b(n?p?gettext|_)\(({literal}(?:\s*,\s*{literal})*)", templatize(path.read_text("utf-8"))
    )
    return {
        key
        for name, arguments in calls
        if (key := key_of(name, ast.parse(f"f({arguments})").body[0].value.args))
    }


@pytest.mark.parametrize("ending, read", [(".py", in_python), (".html", in_template)])
def test_every_text_of_the_source_has_a_spanish_one(ending, read):
    known = {entry.key for entry in catalogue()}
    missing = {f"{path.relative_to(BASE)}: {key}" for path in sources(ending) for key in read(path) - known}
    assert not missing, "run `make messages`, then write the Spanish texts into locale/es"


def test_the_reading_of_the_source_finds_texts_of_every_kind():
    assert "Nothing to do." in in_python(BASE / "tracking/codes/rejected.py") | in_python(
        BASE / "tracking/codes/skipped.py"
    )
    assert "outcome\x04migrated" in in_python(BASE / "tracking/words.py")
    assert sum(len(in_template(path)) for path in sources(".html")) > 200


def test_every_spanish_text_is_written_and_nobody_has_to_look_at_it_again():
    assert not [entry["msgid"] for entry in catalogue() if "fuzzy" in entry["flags"]]
    assert not [
        entry["msgid"] for entry in catalogue() if not all(spanish for _english, spanish in entry.pairs)
    ]
    assert (
        not {entry["msgid"] for entry in catalogue() if entry["msgid"] == entry.get("msgstr")} - SAME_IN_BOTH
    )


def test_placeholders_and_edges_are_the_same_in_both_languages():
    for entry in catalogue():
        for english, spanish in entry.pairs:
            assert set(PLACEHOLDER.findall(english)) == set(PLACEHOLDER.findall(spanish)), english
            assert english[:1].isspace() == spanish[:1].isspace(), english
            assert english[-1:].isspace() == spanish[-1:].isspace(), english


def test_the_compiled_file_says_what_the_readable_one_says():
    expected = {}
    for entry in catalogue():
        if "msgid_plural" in entry:
            expected |= {
                (entry.key, number): spanish for number, (_english, spanish) in enumerate(entry.pairs)
            }
        else:
            expected[entry.key] = entry["msgstr"]
    assert compiled() == expected, "run `make messages`: django.mo is older than django.po"


def at_import(path: Path) -> list[int]:
    """Lines that translate at once and outside of functions."""
    tree = ast.parse(path.read_text("utf-8"))
    at_once = {name for name, function in names_of(tree).items() if function in NOW}
    functions = (one for one in ast.walk(tree) if isinstance(one, ast.FunctionDef | ast.Lambda))
    inside = {id(node) for function in functions for node in ast.walk(function)}
    calls = (one for one in ast.walk(tree) if isinstance(one, ast.Call) and isinstance(one.func, ast.Name))
    return [call.lineno for call in calls if call.func.id in at_once and id(call) not in inside]


def test_texts_made_at_import_wait_for_the_reader():
    """A plain gettext outside of functions would be fixed in the language of the process that imported it."""
    found = {str(path.relative_to(BASE)): lines for path in sources(".py") if (lines := at_import(path))}
    assert not found


def test_every_column_of_the_record_has_a_name_for_readers():
    for model in apps.get_app_config("tracking").get_models():
        unnamed = [field.name for field in model._meta.fields if field._verbose_name is None and not field.is_relation
                   and field.name not in labels.FIELDS and field.name != "id" and field.editable]  # fmt: skip
        assert not unnamed, model
        with translation.override("es"):
            assert str(model._meta.verbose_name) != model._meta.model_name


def test_every_action_has_a_word_for_readers():
    assert {one.name for one in registered()} <= words.ACTIONS.keys()


def test_stored_words_are_said_in_the_language_of_the_reader():
    assert (words.said("rejected"), words.said("of no list")) == ("rejected", "of no list")
    with translation.override("es"):
        assert (words.said("rejected"), words.said("pause run")) == ("rechazado", "pausar una ejecución")


@pytest.mark.django_db
def test_the_language_of_the_browser_is_spoken_before_and_after_the_login(client):
    spanish = {"HTTP_ACCEPT_LANGUAGE": "es-CH,es;q=0.9,en;q=0.5"}
    assert "Bienvenida de nuevo" in client.get(reverse("admin:login"), **spanish).content.decode()
    assert "Bienvenida" not in client.get(reverse("admin:login")).content.decode()
    client.force_login(User.objects.create_superuser("reader"))
    page = client.get(reverse("admin:tracking_wave_changelist"), **spanish).content.decode()
    assert "Oleadas" in page and "Puertas" not in page


@pytest.mark.django_db
def test_the_switch_in_the_menu_holds_against_the_browser(client):
    client.force_login(User.objects.create_superuser("reader"))
    page = reverse("admin:tracking_wave_changelist")
    assert f'action="{reverse("set_language")}"' in client.get(page).content.decode()
    client.post(reverse("set_language"), {"language": "es", "next": page})
    assert "Oleadas" in client.get(page, HTTP_ACCEPT_LANGUAGE="en").content.decode()
    client.post(reverse("set_language"), {"language": "en", "next": page})
    assert "Oleadas" not in client.get(page, HTTP_ACCEPT_LANGUAGE="es").content.decode()


def test_every_migration_has_a_name_for_readers():
    assert set(registry.MIGRATIONS) == words.MIGRATIONS.keys()
    assert {one.title for one in registry.everything()} == set(titles.TITLES)
    with translation.override("es"):
        assert words.migration("bookings") == "reservas"
        assert words.kept("12: rejected as MIXED_CURRENCY") == "12: se rechazan como MIXED_CURRENCY"
        assert words.kept("said by nobody") == "said by nobody"
