"""A photographed signature: the ink without the paper."""

from __future__ import annotations

from typing import Any

import numpy as np
from PIL import Image, ImageFilter

_WORKING_SIDE = 1600  # pixels: twice what is printed
# Brightness from 0 to 255, or relative to the paper's.
_WHITE, _DARK = 250, 70
_PAPER, _INK = 0.85, 0.6
_MOST_INK = 0.25  # of the surface
_MOST_ON_RIM = 0.1  # of the rim


def without_paper(image: Image.Image) -> Image.Image:
    """Ink alone, if the picture is ink on paper that is neither white nor transparent.

    The paper's brightness is taken around each place, so that a shadow across it does no harm. A
    picture whose rim is dark or whose ink covers much of it is no such photograph: it stays.
    """
    image = image.copy()
    image.thumbnail((_WORKING_SIDE, _WORKING_SIDE), Image.Resampling.LANCZOS)
    grey = image.convert("L")
    # The brightest around, smoothed: strokes are thinner than this.
    small = grey.resize((max(1, image.width // 8), max(1, image.height // 8)))
    paper = small.filter(ImageFilter.MaxFilter(9)).filter(ImageFilter.GaussianBlur(6))
    light = np.asarray(paper.resize(image.size, Image.Resampling.BICUBIC), dtype=float)
    relative = np.asarray(grey, dtype=float) / np.maximum(light, 1)
    inked = relative < _INK
    rim = _rim(np.asarray(grey))
    covered = float(inked.mean())
    if np.median(rim) >= _WHITE or np.median(rim) < _DARK or not 0 < covered < _MOST_INK:
        return image
    alpha = np.clip((_PAPER - relative) / (_PAPER - _INK), 0, 1)
    if float(_rim(alpha).mean()) > _MOST_ON_RIM:
        return image
    colours = np.asarray(image, dtype=float) * (235 / np.maximum(light, 1))[..., None]
    clean = np.dstack([np.clip(colours, 0, 255), alpha * 255]).astype("uint8")
    clean[alpha == 0] = (255, 255, 255, 0)
    return Image.fromarray(clean, "RGBA")


def _rim(values: Any) -> Any:
    """The values along the four edges, a fiftieth deep."""
    deep = max(1, min(values.shape[:2]) // 50)
    edges = (values[:deep], values[-deep:], values[:, :deep], values[:, -deep:])
    return np.concatenate([edge.ravel() for edge in edges])
