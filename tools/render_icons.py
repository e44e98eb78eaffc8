"""Render resources/icons/mnist-desktop.svg: PNG and ICO files beside it, and an ICNS for macOS."""

import re
import sys
from pathlib import Path

from PIL import Image
from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

SIZES = (16, 24, 32, 48, 64, 128, 256, 512)
LARGEST_PLAIN_SIZE = 32  # below this the pixels behind the stroke would only blur it
MAC_SIZES = (32, 64, 128, 256, 512, 1024)  # all that an ICNS file of today holds
# Of 1,024 pixels Apple's grid gives 824 to an icon; the drawing leaves 32 free on each side.
MAC_MARGIN = 72 / 1024


def main() -> None:
    """Write every size as a PNG, and those that Windows asks for into one ICO."""
    app = QGuiApplication([*sys.argv[:1], "-platform", "offscreen"])
    root = Path(__file__).resolve().parents[1]
    folder = root / "resources" / "icons"
    drawing = (folder / "mnist-desktop.svg").read_text(encoding="utf-8")
    plain = re.sub(r'<g id="pixels">.*?</g>', "", drawing, flags=re.DOTALL)
    for size in SIZES:
        path = folder / f"mnist-desktop-{size}.png"
        rendered(plain if size <= LARGEST_PLAIN_SIZE else drawing, size).save(str(path))
        Image.open(path).save(path, optimize=True)

    pictures = [Image.open(folder / f"mnist-desktop-{size}.png") for size in SIZES if size <= 256]
    pictures[-1].save(
        folder / "mnist-desktop.ico",
        sizes=[picture.size for picture in pictures],
        append_images=pictures[:-1],
    )
    mac = [
        Image.fromqimage(
            rendered(plain if size <= LARGEST_PLAIN_SIZE else drawing, size, size * MAC_MARGIN)
        )
        for size in MAC_SIZES
    ]
    mac[-1].save(root / "tools/macos/mnist-desktop.icns", append_images=mac[:-1])
    app.quit()


def rendered(svg: str, size: int, margin: float = 0) -> QImage:
    """Draw an SVG as a square of so many pixels, with so many of them free on each side."""
    image = QImage(size, size, QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    place = QRectF(0, 0, size, size).adjusted(margin, margin, -margin, -margin)
    QSvgRenderer(QByteArray(svg.encode())).render(painter, place)
    painter.end()
    return image


if __name__ == "__main__":
    main()
