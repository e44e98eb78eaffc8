"""Render resources/icons/mnist-desktop.svg into the PNG and ICO files beside it."""

import re
import sys
from pathlib import Path

from PIL import Image
from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

SIZES = (16, 24, 32, 48, 64, 128, 256, 512)
LARGEST_PLAIN_SIZE = 32  # below this the pixels behind the stroke would only blur it


def main() -> None:
    """Write every size as a PNG, and those that Windows asks for into one ICO."""
    app = QGuiApplication([*sys.argv[:1], "-platform", "offscreen"])
    folder = Path(__file__).resolve().parents[1] / "resources" / "icons"
    drawing = (folder / "mnist-desktop.svg").read_text(encoding="utf-8")
    plain = re.sub(r'<g id="pixels">.*?</g>', "", drawing, flags=re.DOTALL)
    for size in SIZES:
        svg = plain if size <= LARGEST_PLAIN_SIZE else drawing
        image = QImage(size, size, QImage.Format.Format_ARGB32)
        image.fill(Qt.GlobalColor.transparent)
        painter = QPainter(image)
        QSvgRenderer(QByteArray(svg.encode())).render(painter, QRectF(0, 0, size, size))
        painter.end()
        path = folder / f"mnist-desktop-{size}.png"
        image.save(str(path))
        Image.open(path).save(path, optimize=True)

    pictures = [Image.open(folder / f"mnist-desktop-{size}.png") for size in SIZES if size <= 256]
    pictures[-1].save(
        folder / "mnist-desktop.ico",
        sizes=[picture.size for picture in pictures],
        append_images=pictures[:-1],
    )
    app.quit()


if __name__ == "__main__":
    main()
