"""A digit as the network will see it, twelve times."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QTextOption
from PySide6.QtWidgets import QSizePolicy, QWidget

from mnist_desktop.digits.dataset import Images
from mnist_desktop.training.augmentation_preview import COUNT
from mnist_desktop.ui.parts.guarded import guarded
from mnist_desktop.ui.parts.prediction_views import digit_image
from mnist_desktop.ui.parts.theme import UNIT

COLUMNS = 3
SIDE = 84  # pixels of an image: three on the screen for each of its own
GAP = UNIT // 2


@guarded
class AugmentedDigits(QWidget):
    """Shows twelve images in a grid, or in their place why there are none; it keeps its size."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("augmentationPreview")
        self.setAccessibleName("Preview")
        self.setToolTip("This digit as the network will see it, differently each time")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.images: Images | None = None
        self.words = ""

    def show_images(self, images: Images) -> None:
        """Show images, uint8, shape (12, 28, 28)."""
        self.images, self.words = images, ""
        self.setAccessibleDescription("The digit is shown twelve times")
        self.update()

    def show_words(self, words: str) -> None:
        """Say why there are no images."""
        self.images, self.words = None, words
        self.setAccessibleDescription(words)
        self.update()

    def sizeHint(self) -> QSize:
        """Be as large as its images with the gaps between them."""
        rows = COUNT // COLUMNS
        return QSize(COLUMNS * (SIDE + GAP) - GAP, rows * (SIDE + GAP) - GAP)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the images, or the words in the middle."""
        painter = QPainter(self)
        if self.images is None:
            option = QTextOption(Qt.AlignmentFlag.AlignCenter)
            option.setWrapMode(QTextOption.WrapMode.WordWrap)
            painter.drawText(QRectF(self.rect()), self.words, option)
            return
        for number, image in enumerate(self.images):
            row, column = divmod(number, COLUMNS)
            place = QRectF(column * (SIDE + GAP), row * (SIDE + GAP), SIDE, SIDE)
            painter.drawImage(place, digit_image(image))
