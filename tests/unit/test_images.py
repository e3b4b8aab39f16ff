"""Pictures in columns become files named by their content."""

import base64
import hashlib
import threading

import pytest

from entities.engine import images
from entities.engine.errors import BadValue

CONTENT = b"\x89PNG\r\n\x1a\n picture"
HASH = hashlib.sha256(CONTENT).hexdigest()
ENCODED = base64.b64encode(CONTENT).decode()
URI = f"data:image/png;base64,{ENCODED}"


@pytest.fixture
def folder(settings, tmp_path):
    settings.IMAGE_ROOT = str(tmp_path / "images")
    settings.IMAGE_URL = "https://img.example.org/"
    return tmp_path / "images"


@pytest.mark.parametrize("value", [None, "", "https://img.example.org/a.png", "storage/a.jpg", "database:x"])
def test_urls_and_empty_values_pass_through(value, folder):
    assert images.plan(value) == (value, None)
    assert images.store(value) == value
    assert not folder.exists()


@pytest.mark.parametrize(
    "uri, extension",
    [
        (URI, "png"),
        (f"data:image/jpeg;base64,{ENCODED}", "jpg"),
        (f"data:image/jpg;base64,{ENCODED}", "jpg"),
        (f"data:image/svg+xml;charset=utf-8;base64,{ENCODED}", "svg"),
        (f" DATA:image/GIF;BASE64,{ENCODED}\n", "gif"),
        (f"data:image/webp;base64,{ENCODED[:8]}\r\n{ENCODED[8:]}", "webp"),
    ],
)
def test_a_data_uri_becomes_a_url_with_the_hash_of_its_content(uri, extension, folder):
    assert images.plan(uri) == (f"https://img.example.org/{HASH}.{extension}", CONTENT)
    assert not folder.exists(), "planning writes nothing"


def test_the_base_url_may_lack_its_slash():
    assert images.plan(URI, "/images").url == f"/images/{HASH}.png"


@pytest.mark.parametrize(
    "uri",
    [
        "data:",
        "data:text/html;base64," + ENCODED,
        "data:image/x-php;base64," + ENCODED,
        "data:image/../../etc;base64," + ENCODED,
        "data:image/png," + ENCODED,
        "data:image/png;base64,",
        "data:image/png;base64,%%%%",
        "data:image/png;base64,abc",
        "data:image/png;base64,é===",
    ],
)
def test_a_damaged_picture_is_refused_without_repeating_it(uri):
    with pytest.raises(BadValue) as refusal:
        images.plan(uri)
    assert refusal.value.code == "IMAGE_UNREADABLE"
    assert ENCODED not in str(refusal.value)


def test_storing_twice_leaves_one_file(folder):
    url = images.store(URI)
    path = folder / f"{HASH}.png"
    written = path.stat().st_mtime_ns
    assert images.store(URI) == url == f"https://img.example.org/{HASH}.png"
    assert path.read_bytes() == CONTENT
    assert path.stat().st_mtime_ns == written
    assert [file.name for file in folder.iterdir()] == [path.name]


def test_two_writers_leave_one_whole_file(folder):
    picture = images.plan("data:image/png;base64," + base64.b64encode(b"x" * 500_000).decode())
    writers = [threading.Thread(target=images.write, args=(picture, folder)) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    (file,) = folder.iterdir()
    assert file.stat().st_size == 500_000
    assert file.stat().st_mode & 0o777 == 0o644


def test_a_failed_write_leaves_nothing_behind(folder, monkeypatch):
    def broken(*_):
        raise OSError("disk full")

    monkeypatch.setattr(images.os, "replace", broken)
    with pytest.raises(OSError, match="disk full"):
        images.store(URI)
    assert not list(folder.iterdir())
