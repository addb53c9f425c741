"""The photo of a signature."""

import io
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from relance.files.models import Blob
from relance.users.models import User
from relance.writing import photos
from tests.writing.pictures import picture, png_claiming, with_exif


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


@pytest.mark.parametrize(
    "data",
    [
        picture(),
        picture((30, 900)),
        picture(kind="PNG", mode="RGBA", colour=(255, 0, 0, 128)),
        picture(kind="PNG", mode="P", colour=3),
        picture(kind="PNG", mode="I;16", colour=3),
        picture(kind="PNG", mode="1", colour=1),
        picture(kind="GIF"),
        picture(kind="WEBP"),
        picture(mode="CMYK", colour=(0, 0, 0, 0)),
        picture(mode="L", colour=7),
        picture((1, 1)),
    ],
)
def test_any_usual_picture_becomes_a_square_jpeg(data: bytes) -> None:
    made = opened(photos.square(data))
    assert (made.format, made.size, made.mode) == ("JPEG", (240, 240), "RGB")


def test_what_the_camera_wrote_is_left_behind() -> None:
    data = with_exif()
    assert b"SecretCamera" in data
    made = photos.square(data)
    assert b"Secret" not in made
    assert not opened(made).getexif()
    assert set(opened(made).info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def test_a_photo_taken_sideways_stands_upright() -> None:
    made = opened(photos.square(with_exif((400, 400), orientation=6)))
    top, bottom = made.getpixel((120, 20)), made.getpixel((120, 220))
    assert isinstance(top, tuple)
    assert isinstance(bottom, tuple)
    assert top[0] > 200 > top[2]
    assert bottom[2] > 200 > bottom[0]


def test_what_is_transparent_is_white() -> None:
    data = picture(kind="PNG", mode="RGBA", colour=(255, 0, 0, 0))
    assert opened(photos.square(data)).getpixel((120, 120)) == (255, 255, 255)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"\xff\xd8\xff\xe0" + b"\0" * 200,
        b"GIF89a" + b"\xff" * 50,
        b"RIFF\x00\x00\x00\x00WEBPVP8 ",
        picture()[:300],
        png_claiming(100, 100),
        picture(kind="BMP"),
        picture(kind="TIFF"),
        picture(kind="PDF"),
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n",
    ],
)
def test_what_is_no_picture_we_read_is_refused(data: bytes) -> None:
    with pytest.raises(photos.NotAPhoto):
        photos.square(data)


@pytest.mark.parametrize(
    "data",
    [
        png_claiming(60_000, 60_000),
        png_claiming(5_000, 5_000),
        picture((12_000, 6_000)),
        b"\xff\xd8" + b"\0" * photos.MAX_BYTES,
    ],
)
def test_what_would_unfold_to_too_much_is_refused_unread(data: bytes) -> None:
    with pytest.raises(photos.TooLarge):
        photos.square(data)


_SOUND = (
    picture((60, 60)),
    picture((60, 60), "PNG"),
    picture((60, 60), "GIF"),
    with_exif((60, 60)),
)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=timedelta(seconds=5))
@given(
    st.sampled_from((*_SOUND, picture((60, 60), "WEBP"))),
    st.lists(st.tuples(st.integers(0, 5_000), st.integers(0, 255)), max_size=12),
    st.integers(0, 5_000),
)
def test_a_damaged_picture_is_a_photo_or_refused(
    data: bytes, changes: list[tuple[int, int]], length: int
) -> None:
    damaged = bytearray(data[: max(4, length)] if length % 2 else data)
    for at, value in changes:
        damaged[at % len(damaged)] = value
    try:
        made = photos.square(bytes(damaged))
    except (photos.NotAPhoto, photos.TooLarge):
        return
    assert opened(made).size == (240, 240)


@pytest.mark.django_db
def test_a_photo_replaced_or_removed_leaves_no_file(camille: User) -> None:
    first = photos.keep(camille, picture())
    second = photos.keep(camille, picture(colour="green"))
    assert not Blob.objects.filter(pk=first.blob_id).exists()
    assert photos.keep(camille, picture(colour="green")).blob_id == second.blob_id
    photos.remove(camille)
    assert photos.of(camille) is None
    assert photos.inline(camille) is None
    assert not Blob.objects.filter(pk=second.blob_id).exists()


@pytest.mark.django_db
def test_the_photo_of_two_people_is_one_file_that_stays_for_the_other(
    camille: User, bob: User
) -> None:
    photos.keep(camille, picture())
    photos.keep(bob, picture())
    photos.remove(camille)
    found = photos.inline(bob)
    assert found is not None
    assert found.data.startswith(b"\xff\xd8")


@pytest.mark.django_db
def test_the_mail_names_the_photo_by_its_content_id_with_words_in_its_place(camille: User) -> None:
    photo = photos.keep(camille, picture())
    photo.alternative = '"><script>alert(1)</script>'
    photo.save()
    html = photos.html(camille) or ""
    inline = photos.inline(camille)
    assert inline is not None
    assert f'src="cid:{inline.content_id}"' in html
    assert "<script" not in html
    assert photos.html(camille, src="/photo/") == html.replace(
        f"cid:{inline.content_id}", "/photo/"
    )
