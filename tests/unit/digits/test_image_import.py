from __future__ import annotations

import io
import os
import random
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFile

from mnist_desktop.digits.dataset import Dataset
from mnist_desktop.digits.image_import import Picture, read_page, read_picture, read_whole_page
from mnist_desktop.digits.picture_parts import find_parts
from mnist_desktop.errors import ImageFileError
from tests.made_pictures import SEGMENTS, display

GreyImage = NDArray[np.uint8]


def seven(paper: int = 255, ink: int = 0) -> Image.Image:
    """A seven of about 60×90 pixels, off the middle of its page of 200×160."""
    picture = Image.new("L", (200, 160), paper)
    draw = ImageDraw.Draw(picture)
    draw.line([(30, 40), (80, 40), (50, 120)], fill=ink, width=9, joint="curve")
    return picture


def extents(image: GreyImage) -> tuple[int, int]:
    return int(image.any(axis=0).sum()), int(image.any(axis=1).sum())


def centre_of_mass(image: GreyImage) -> tuple[float, float]:
    weights = image.astype(np.float64)
    places = np.arange(28) + 0.5
    total = weights.sum()
    return float(weights.sum(axis=0) @ places / total), float(weights.sum(axis=1) @ places / total)


def difference(one: GreyImage, other: GreyImage) -> float:
    """Mean difference of grey values; the middle of the ink may round to the pixel beside it."""
    shifts = [(down, right) for down in (-1, 0, 1) for right in (-1, 0, 1)]
    return min(
        float(np.abs(np.roll(one, shift, (0, 1)).astype(int) - other).mean()) for shift in shifts
    )


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., GreyImage]:
    """Save a picture in some format and read it."""

    def save_and_read(picture: Image.Image, form: str = "PNG", **options: object) -> GreyImage:
        path = tmp_path / "picture"  # the content decides, not the name
        picture.save(path, form, **options)
        [digit] = read_picture(path).digits
        return digit

    return save_and_read


def assert_one_sentence(error: BaseException) -> None:
    text = str(error)
    assert "\n" not in text
    assert text.endswith(".")


# Pictures that can be read


def test_a_digit_is_brought_to_the_shape_of_mnists(read: Callable[..., GreyImage]) -> None:
    image = read(seven())

    assert image.shape == (28, 28)
    assert image.dtype == np.uint8
    assert image.max() == 255
    assert max(extents(image)) == 20
    assert centre_of_mass(image) == pytest.approx((14, 14), abs=0.6)
    # The bar of the seven is above, its foot on the left.
    rows = image[image.any(axis=1)].astype(int)
    assert (rows[1] > 128).sum() > 8
    assert (rows[-2] > 128).sum() < 5


@pytest.mark.parametrize(
    ("paper", "ink"), [(255, 0), (0, 255), (245, 20), (15, 240), (200, 110), (60, 150), (128, 0)]
)
@pytest.mark.parametrize(
    ("form", "options"),
    [
        ("PNG", {}),
        ("BMP", {}),
        ("GIF", {}),
        ("JPEG", {"quality": 90}),
        ("WEBP", {"lossless": True}),
        ("WEBP", {"quality": 80}),
        ("TIFF", {}),
        ("TIFF", {"compression": "tiff_lzw"}),
        ("AVIF", {}),
    ],
    ids=["png", "bmp", "gif", "jpeg", "lossless webp", "webp", "tiff", "packed tiff", "avif"],
)
def test_ink_and_paper_are_told_apart_in_each_format(
    read: Callable[..., GreyImage], paper: int, ink: int, form: str, options: dict[str, object]
) -> None:
    expected = read(seven())

    image = read(seven(paper, ink), form, **options)

    assert max(extents(image)) == 20
    assert difference(image, expected) < 4


@pytest.mark.parametrize("form", ["GIF", "PNG", "WEBP"])
def test_of_a_picture_that_moves_the_first_is_read(
    read: Callable[..., GreyImage], form: str
) -> None:
    frames = [Image.new("L", seven().size, 255), seven(90, 200)]

    image = read(seven(), form, save_all=True, append_images=frames, duration=50)

    assert difference(image, read(seven())) < 4


def test_the_noise_of_a_poor_jpeg_is_paper(read: Callable[..., GreyImage]) -> None:
    image = read(seven(245, 20), "JPEG", quality=30)

    assert difference(image, read(seven())) < 6


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
def test_each_kind_of_pixel_is_read(read: Callable[..., GreyImage], mode: str) -> None:
    np.testing.assert_allclose(read(seven().convert(mode)), read(seven()), atol=1)


def test_16_bits_a_pixel_are_not_cut_off_at_255(read: Callable[..., GreyImage]) -> None:
    deep = Image.fromarray(np.asarray(seven(200, 40)).astype(np.uint16) * 257)

    np.testing.assert_allclose(read(deep), read(seven(200, 40)), atol=1)


@pytest.mark.parametrize("colour", [(0, 0, 0), (180, 30, 30), (20, 40, 200)])
def test_what_is_transparent_is_paper(
    read: Callable[..., GreyImage], colour: tuple[int, int, int]
) -> None:
    picture = Image.new("RGBA", (200, 160), (*colour, 0))  # the colour must not shine through
    picture.paste((*colour, 255), mask=seven(0, 255))

    np.testing.assert_allclose(read(picture), read(seven()), atol=1)


def test_a_transparent_palette_colour_is_paper(read: Callable[..., GreyImage]) -> None:
    picture = seven(0, 1).convert("L")
    picture.putpalette([0, 0, 0, 10, 10, 10])

    np.testing.assert_allclose(read(picture, transparency=0), read(seven()), atol=1)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photo_is_turned_as_its_camera_noted(
    read: Callable[..., GreyImage], orientation: int
) -> None:
    turns = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    stored = seven().transpose(turns[orientation]) if orientation in turns else seven()
    exif = Image.Exif()
    exif[0x0112] = orientation

    image = read(stored, "JPEG", quality=95, exif=exif)

    assert difference(image, read(seven())) < 2


@pytest.mark.parametrize("factor", [1, 2, 5, 12])
def test_the_size_of_the_page_does_not_matter(read: Callable[..., GreyImage], factor: int) -> None:
    larger = seven().resize((200 * factor, 160 * factor), Image.Resampling.NEAREST)

    assert difference(read(larger), read(seven())) < 4


@pytest.mark.parametrize(
    ("box", "expected"),
    [((10, 78, 189, 81), (20, 3)), ((98, 10, 101, 149), (3, 20)), ((40, 30, 159, 149), (20, 20))],
    ids=["wide", "tall", "square"],
)
def test_the_longest_side_is_20_pixels(
    read: Callable[..., GreyImage], box: tuple[int, int, int, int], expected: tuple[int, int]
) -> None:
    picture = Image.new("L", (200, 160), 255)
    ImageDraw.Draw(picture).rectangle(box, fill=0)

    assert extents(read(picture)) == expected


def test_a_tiny_digit_is_enlarged(read: Callable[..., GreyImage]) -> None:
    picture = Image.new("L", (40, 40), 255)
    ImageDraw.Draw(picture).line([(18, 15), (22, 15), (19, 21)], fill=0)
    image = read(picture)

    assert max(extents(image)) == 20
    assert image.max() == 255


def test_thin_lines_on_a_large_page_are_not_lost(read: Callable[..., GreyImage]) -> None:
    page = np.full((5000, 5000), 255, np.uint8)
    page[200:4800, 2500] = 0  # a one, an eighth of a pixel wide on the page that is worked on

    image = read(Image.fromarray(page))

    assert image.max() == 255
    assert extents(image)[1] == 20
    assert extents(image)[0] <= 4


def test_faint_shadows_are_paper(read: Callable[..., GreyImage]) -> None:
    page = np.asarray(seven()).copy()
    page[130:150, 100:190] = 230

    np.testing.assert_array_equal(read(Image.fromarray(page)), read(seven()))


def test_mnists_own_pictures_are_taken_as_they_are(
    read: Callable[..., GreyImage], sample: Dataset
) -> None:
    for image in sample.test.images[:20]:
        np.testing.assert_array_equal(read(Image.fromarray(image)), image)


def test_a_picture_of_28_by_28_with_dark_ink_is_turned_round(
    read: Callable[..., GreyImage], sample: Dataset
) -> None:
    image = read(Image.fromarray(255 - sample.test.images[0]))

    assert max(extents(image)) == 20
    assert image[0].max() == 0


@pytest.mark.parametrize("size", [(200, 160), (28, 28), (1, 1), (1, 500)])
@pytest.mark.parametrize("grey", [0, 40, 128, 255])
def test_a_blank_page_has_no_ink(
    read: Callable[..., GreyImage], size: tuple[int, int], grey: int
) -> None:
    image = read(Image.new("L", size, grey))

    assert image.shape == (28, 28)
    assert image.dtype == np.uint8
    assert not image.any()


def test_noise_on_a_blank_page_is_no_ink(read: Callable[..., GreyImage]) -> None:
    rng = np.random.default_rng(0)
    page = rng.integers(225, 250, (160, 200)).astype(np.uint8)

    assert not read(Image.fromarray(page)).any()
    assert not read(Image.fromarray(page), "JPEG", quality=30).any()


# Pictures that cannot


def encoded(picture: Image.Image, form: str, **options: object) -> bytes:
    content = io.BytesIO()
    picture.save(content, form, **options)
    return content.getvalue()


def png_header(width: int, height: int) -> bytes:
    """A PNG file that announces a size and has no pixels."""
    header = b"IHDR" + struct.pack(">2I5B", width, height, 8, 0, 0, 0, 0)
    data = b"IDAT" + zlib.compress(b"\0" * 100)
    chunks = (
        struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk))
        for chunk in (header, data, b"IEND")
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no picture at all, but a text",
        bytes(1000),
        encoded(seven(), "PNG")[:-200],
        encoded(seven(), "PNG")[:30],
        encoded(seven(), "JPEG")[:400],
        encoded(seven(), "BMP")[:2000],
        encoded(seven(), "WEBP")[:300],
        encoded(seven(), "GIF")[:200],
        b"GIF89a" + bytes(6) + b";",
        encoded(seven(), "TIFF")[:-200],
        encoded(seven(), "PPM"),
        b'<svg xmlns="http://www.w3.org/2000/svg"/>',
    ],
    ids=[
        "empty",
        "text",
        "zeros",
        "cut png",
        "png header",
        "cut jpeg",
        "cut bmp",
        "cut webp",
        "cut gif",
        "gif without a picture",
        "cut tiff",
        "ppm",
        "svg",
    ],
)
def test_what_is_no_whole_picture_of_these_formats_is_refused(
    tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "picture.png"
    path.write_bytes(content)

    with pytest.raises(ImageFileError, match="no picture that can be read") as caught:
        read_picture(path)

    assert str(path) in str(caught.value)
    assert_one_sentence(caught.value)


@pytest.mark.parametrize(
    ("width", "height"), [(8000, 6500), (9_000, 9_000), (60_000, 60_000), (2**31 - 1, 2)]
)
def test_a_picture_of_too_many_pixels_is_refused_before_it_is_decoded(
    tmp_path: Path, width: int, height: int
) -> None:
    path = tmp_path / "picture.png"
    path.write_bytes(png_header(width, height))

    with pytest.raises(ImageFileError, match=r"more than (50|60) million pixels") as caught:
        read_picture(path)

    assert_one_sentence(caught.value)


@pytest.mark.parametrize("size", [(20_001, 1), (1, 30_000)])
def test_a_picture_with_a_very_long_side_is_refused(tmp_path: Path, size: tuple[int, int]) -> None:
    path = tmp_path / "strip.png"
    Image.new("L", size).save(path)

    with pytest.raises(ImageFileError, match="side of more than 20,000 pixels") as caught:
        read_picture(path)

    assert_one_sentence(caught.value)


def many_pixels(form: str, mode: str, **options: object) -> bytes:
    """Content of a picture of a few bytes that has forty million pixels."""
    content = io.BytesIO()
    Image.new(mode, (6300, 6300)).save(content, form, **options)
    return content.getvalue()


def photo_in_many_scans() -> bytes:
    content = io.BytesIO()
    seven().save(content, "JPEG", progressive=True)
    whole = content.getvalue()
    return whole[:-2] + whole[whole.rindex(b"\xff\xda") : -2] * 250 + whole[-2:]


def in_scans_of_one_component(content: bytes) -> bytes:
    """Let a JPEG say that its first scan has the first component alone."""
    scan = content.index(b"\xff\xda")
    assert content[scan + 2 : scan + 5] == b"\0\x0c\x03"
    return content[: scan + 2] + b"\0\x08\x01\x01\0\0\x3f\0" + content[scan + 14 :]


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: many_pixels("WEBP", "RGB", lossless=True, method=0), "12.5 million pixels"),
        (lambda: many_pixels("PNG", "RGBA"), "12.5 million pixels"),
        (lambda: many_pixels("PNG", "P", transparency=0), "12.5 million pixels"),
        (lambda: many_pixels("JPEG", "RGB", progressive=True), "12.5 million pixels"),
        (
            lambda: in_scans_of_one_component(many_pixels("JPEG", "RGB")),
            "12.5 million pixels",
        ),
        (photo_in_many_scans, "stored in too many parts"),
    ],
    ids=["webp", "png", "transparent-png", "progressive-jpeg", "jpeg-in-scans", "many-scans"],
)
def test_a_small_file_that_takes_much_to_decode_is_refused_before(
    make: Callable[[], bytes], told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "picture"
    path.write_bytes(make())
    assert path.stat().st_size < 3_000_000
    monkeypatch.setattr(ImageFile.ImageFile, "load", lambda _: pytest.fail("it is decoded"))

    with pytest.raises(ImageFileError, match=told) as caught:
        read_picture(path)

    assert_one_sentence(caught.value)


def test_a_photo_of_48_million_pixels_is_read() -> None:
    page = Image.new("L", (8064, 6048), 240)
    ImageDraw.Draw(page).line([(4000, 1500), (4000, 4500)], fill=20, width=300)
    content = io.BytesIO()
    Image.merge("RGB", [page] * 3).save(content, "JPEG")

    found = read_picture(content.getvalue())

    assert found.page.shape == (504, 672)
    assert len(found.digits) == 1


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_paper_shows_through_however_transparency_is_stored(
    read: Callable[..., GreyImage], mode: str
) -> None:
    picture = Image.new("RGBA", (200, 160), (0, 0, 0, 0))  # black, if it were seen
    ImageDraw.Draw(picture).line([(60, 20), (60, 130)], fill=(40, 0, 0, 255), width=9)

    image = read(picture.convert(mode))

    assert extents(image)[1] == 20
    assert extents(image)[0] < 8


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no such pipes")
def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")

    with pytest.raises(ImageFileError, match=r"cannot be read .* no regular file but a pipe"):
        read_picture(tmp_path / "pipe.png")


def test_a_file_of_too_many_bytes_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    with path.open("wb") as file:
        file.truncate(50_000_001)  # a hole: it takes no space

    with pytest.raises(ImageFileError, match="larger than 50 MB"):
        read_picture(path)


def test_a_picture_that_is_missing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ImageFileError, match="There is no file") as caught:
        read_picture(tmp_path / "nowhere.png")

    assert_one_sentence(caught.value)


def test_a_folder_is_no_picture(tmp_path: Path) -> None:
    with pytest.raises(ImageFileError, match=r"cannot be read .* folder"):
        read_picture(tmp_path)


@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow's, on what it finds in damaged files
@pytest.mark.parametrize("form", ["PNG", "JPEG", "BMP", "GIF", "WEBP"])
def test_no_damage_to_a_picture_brings_another_error(tmp_path: Path, form: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    small = seven().resize((50, 40))
    whole = encoded(small, form, **({} if form == "BMP" else {"exif": exif.tobytes()}))
    rng = random.Random(7)  # noqa: S311
    path = tmp_path / "picture"
    outcomes = {"read": 0, "refused": 0}
    for number in range(400):
        content = bytearray(whole)
        for _ in range(1 + number % 3):
            content[rng.randrange(200 if number % 2 else len(content))] = rng.randrange(256)
        path.write_bytes(content)
        try:
            image = read_picture(path).digits[0]
            assert image.shape == (28, 28)
            outcomes["read"] += 1
        except ImageFileError:
            outcomes["refused"] += 1

    assert min(outcomes.values()) > 0


# Photos, and more than one digit


def page_of(paths: list[list[tuple[int, int]]], size: tuple[int, int] = (600, 240)) -> Image.Image:
    picture = Image.new("L", size, 235)
    draw = ImageDraw.Draw(picture)
    for path in paths:
        draw.line(path, fill=40, width=12, joint="curve")
    return picture


ONE = [(0, 0), (0, 120)]
SEVEN = [(0, 0), (60, 0), (20, 120)]
FOUR = [[(40, 0), (0, 70), (80, 70)], [(55, 40), (55, 125)]]
FIVE = [[(70, 0), (10, 0), (5, 50), (60, 60), (60, 110), (0, 115)]]


def at(path: list[tuple[int, int]], x: int, y: int = 60) -> list[tuple[int, int]]:
    return [(x + px, y + py) for px, py in path]


NUMBER = [at(SEVEN, 60), at(ONE, 200), *(at(part, 260) for part in FOUR), at(FIVE[0], 420)]


def opened(tmp_path: Path, picture: Image.Image) -> Picture:
    path = tmp_path / "picture"
    picture.save(path, "PNG")
    return read_picture(path)


def test_digits_are_found_from_left_to_right_and_each_is_like_it_alone(tmp_path: Path) -> None:
    found = opened(tmp_path, page_of(NUMBER))
    alone = [
        opened(tmp_path, page_of(paths)).digits[0]
        for paths in ([NUMBER[0]], [NUMBER[1]], NUMBER[2:4], [NUMBER[4]])
    ]

    assert [box[0] // 100 for box in found.boxes] == [0, 1, 2, 4]
    np.testing.assert_allclose(found.digits, alone, atol=40)


def test_parts_above_each_other_are_one_digit(tmp_path: Path) -> None:
    bar, belly = [(10, 0), (70, 0)], [(10, 30), (60, 60), (60, 110), (0, 115)]

    assert len(opened(tmp_path, page_of([at(bar, 200), at(belly, 200)])).digits) == 1


def test_a_dotted_digit_is_one_digit(tmp_path: Path) -> None:
    dots = [[(300, y), (300, y + 2)] for y in range(40, 200, 15)]

    assert len(opened(tmp_path, page_of(dots)).digits) == 1


def test_digits_whose_columns_overlap_do_not_mix(tmp_path: Path) -> None:
    slanted = [(60, 0), (0, 120)]
    found = opened(tmp_path, page_of([at(slanted, 100), at(slanted, 158)]))

    assert len(found.digits) == 2
    assert np.abs(found.digits[0].astype(int) - found.digits[1]).mean() < 12


def test_specks_beside_a_digit_are_left_out(tmp_path: Path) -> None:
    clean = opened(tmp_path, page_of([at(SEVEN, 200)]))
    picture = page_of([at(SEVEN, 200)])
    ImageDraw.Draw(picture).ellipse((500, 20, 507, 27), fill=40)

    np.testing.assert_array_equal(opened(tmp_path, picture).digits, clean.digits)


@pytest.mark.parametrize("is_framed", [True, False])
def test_what_is_written_beside_a_frame_is_no_decimal_point(
    tmp_path: Path, is_framed: bool
) -> None:
    """As the numbers beside a figure's colour bar."""
    picture = page_of([at(SEVEN, 200)])
    left, top, right, bottom = opened(tmp_path, picture).boxes[0]
    pen = ImageDraw.Draw(picture)
    if is_framed:
        pen.rectangle((left - 20, top - 20, right + 12, bottom + 20), outline=40, width=3)
    pen.ellipse((right + 20, bottom - 18, right + 32, bottom - 6), fill=40)
    found = opened(tmp_path, picture)
    assert len(found.digits) == 1
    assert found.note == ("" if is_framed else "A sign was left out.")


@pytest.mark.parametrize("gap", [4, 6])
@pytest.mark.parametrize("digit", [0, 6, 8])
def test_thin_gaps_between_the_segments_of_a_display_are_filled(digit: int, gap: int) -> None:
    picture = read_picture(display(digit, 24, gap).content)
    assert len(picture.boxes) == 1
    parts, _ = find_parts(picture.ink_of(0))
    assert len(parts) == 1


@pytest.mark.parametrize("number", ["658", "880"])
def test_the_ground_seen_between_the_segments_of_a_display_is_no_ink(number: str) -> None:
    page = Image.new("L", (480, 300), 5)
    pen = ImageDraw.Draw(page)
    middles = {"a": (40, 0), "b": (80, 40), "c": (80, 120), "d": (40, 160), "e": (0, 120),
               "f": (0, 40), "g": (40, 80)}  # fmt: skip
    for place, digit in enumerate(number):
        for name in SEGMENTS[int(digit)]:
            x, y = 50 + 140 * place + middles[name][0], 60 + middles[name][1]
            wide, high = (29, 8) if name in "adg" else (8, 29)
            pen.rectangle((x - wide, y - high, x + wide, y + high), fill=232)
    assert len(read_page(np.asarray(page)).boxes) == 3


@pytest.mark.parametrize("corner", [(0, 0), (1, 0), (0, 1), (1, 1)])
def test_uneven_light_changes_little(tmp_path: Path, corner: tuple[int, int]) -> None:
    evenly = opened(tmp_path, page_of(NUMBER))
    y, x = np.mgrid[0:240, 0:600]
    across = np.abs(x / 600 - corner[0]), np.abs(y / 240 - corner[1])
    light = 1 - 0.6 * (across[0] + across[1]) / 2
    noise = np.random.default_rng(0).normal(0, 3, light.shape)
    photo = np.clip(np.asarray(page_of(NUMBER)) * light + noise, 0, 255).astype(np.uint8)

    found = opened(tmp_path, Image.fromarray(photo))

    assert len(found.digits) == 4
    assert np.abs(found.digits.astype(int) - evenly.digits).mean() < 8


def test_a_blank_page_has_one_blank_digit(tmp_path: Path) -> None:
    found = opened(tmp_path, page_of([]))

    assert found.digits.shape == (1, 28, 28)
    assert not found.digits.any()
    assert found.boxes == ()


@pytest.mark.parametrize("share", [0.02, 0.1])
def test_a_page_full_of_specks_is_to_be_cropped(share: float) -> None:
    """Ten thousand parts are not compared with each other, which would take minutes."""
    specks = np.random.default_rng(0).random((800, 800)) < share

    picture = read_page(np.where(specks, 0, 255).astype(np.uint8))

    assert len(picture.boxes) == 1
    assert picture.doubts == ("Crop the picture to the digit.",)


def test_a_page_with_one_thing_that_is_no_digit_fills_the_image() -> None:
    page = np.full((300, 400), 250, np.uint8)
    page[100:150, 150:250] = 100  # twice as wide as high
    page[100:150, 190:210] = 250  # two parts

    picture = read_whole_page(page)

    (image,) = picture.digits
    assert picture.boxes == ()
    rows, columns = (np.flatnonzero(image.any(axis=axis)) for axis in (1, 0))
    assert (rows[0], rows[-1] + 1) == (7, 21)
    assert (columns[0], columns[-1] + 1) == (0, 28)
    assert image[14, 2] == 155  # the paper is 0


def test_an_image_of_the_right_size_stays_as_it_is_but_for_its_ground() -> None:
    image = np.zeros((28, 28), np.uint8)
    image[2:28, 4:20] = 90

    np.testing.assert_array_equal(read_whole_page(image).digits[0], image)
    wide = image.copy()
    wide[2:, :] = 200  # which reaches most of the edge
    np.testing.assert_array_equal(read_whole_page(wide).digits[0], wide)
    np.testing.assert_array_equal(read_whole_page(255 - image).digits[0], image)


def test_a_page_of_nothing_has_nothing_on_it() -> None:
    assert not read_whole_page(np.full((50, 60), 255, np.uint8)).digits.any()
