"""Makes the fonts of window and figures: ``python -m tools.fonts FOLDER``.

FOLDER holds Inter's hinted web fonts (``Inter-Regular.woff`` and ``Inter-SemiBold.woff``; npm's
package ``inter-ui`` 3.19.3 has them). They are unpacked to TrueType, which PDF files can embed, and
their digits become those that all have one width (the feature ``tnum``), so that a number keeps its
place while it changes; neither Qt's style sheets nor matplotlib can ask for a feature.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

from mnist_desktop.evaluation.figures.fonts import FILES
from mnist_desktop.paths import resource

# Letters of Latin, Greek and Cyrillic, punctuation, currencies, arrows, mathematics and shapes.
KEPT = ((0x20, 0x52F), (0x1E00, 0x1FFF), (0x2000, 0x22FF), (0x2300, 0x23FF), (0x2500, 0x27BF))


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the fonts to ``resources/fonts``."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path, help="folder of Inter's hinted web fonts")
    folder = parser.parse_args(arguments).folder
    for name in FILES:
        font = subset_font(TTFont((folder / name).with_suffix(".woff")))
        use_tabular_digits(font)
        font.flavor = None
        font.save(resource("fonts", name))
    return 0


def subset_font(font: TTFont) -> TTFont:
    """Drop the characters that the window never shows."""
    options = subset.Options(layout_features=["kern", "mark", "mkmk", "ccmp", "locl", "tnum"])
    options.name_IDs = ["*"]
    options.notdef_outline = True
    keeper = subset.Subsetter(options)
    keeper.populate(unicodes=[code for first, last in KEPT for code in range(first, last + 1)])
    keeper.subset(font)
    return font


def use_tabular_digits(font: TTFont) -> None:
    """Give each character that has a form of the common width this form."""
    forms = tabular_forms(font)
    for table in font["cmap"].tables:
        for code, glyph in table.cmap.items():
            table.cmap[code] = forms.get(glyph, glyph)


def tabular_forms(font: TTFont) -> Mapping[str, str]:
    """Glyphs, and their forms of the common width, as the feature ``tnum`` names them."""
    table = font["GSUB"].table
    lookups = {
        lookup
        for record in table.FeatureList.FeatureRecord
        if record.FeatureTag == "tnum"
        for lookup in record.Feature.LookupListIndex
    }
    forms: dict[str, str] = {}
    for lookup in lookups:
        for part in table.LookupList.Lookup[lookup].SubTable:
            forms |= getattr(part, "ExtSubTable", part).mapping
    return forms


if __name__ == "__main__":
    sys.exit(main())
