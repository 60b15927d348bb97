"""Draws the invented signature and logo of the sample school.

``python templates/sources/samples.py data/exemple`` rewrites both pictures.
"""

from __future__ import annotations

import itertools
import math
import sys
from pathlib import Path

from PIL import Image, ImageDraw

Point = tuple[float, float]
_SCALE = 3  # drawn larger, then reduced: smooth edges
_INK = (24, 38, 96)

# One pen stroke after another, each a chain of points that the pen goes near (a nobody's scribble).
_STROKES: tuple[tuple[Point, ...], ...] = (
    ((40, 190), (70, 60), (110, 20), (120, 70), (95, 170), (60, 220), (70, 120), (150, 60),
     (205, 80), (190, 160), (130, 205), (110, 180), (170, 140), (215, 135), (225, 170), (250, 135),
     (262, 168), (285, 130), (300, 165), (318, 60), (312, 165), (340, 140), (360, 168), (395, 120),
     (420, 165), (470, 140), (560, 150)),
    ((75, 232), (220, 205), (400, 212), (590, 190), (420, 222), (330, 240)),
    ((338, 96), (344, 102)),
)  # fmt: skip


def signature() -> Image.Image:
    """A scribble in blue ink on a transparent ground."""
    image = Image.new("RGBA", (640 * _SCALE, 260 * _SCALE), (*_INK, 0))
    draw = ImageDraw.Draw(image)
    for stroke in _STROKES:
        points = _smooth(stroke)
        for before, (x, y) in itertools.pairwise(points):
            speed = math.dist(before, (x, y))
            radius = _SCALE * max(1.6, 4.2 - 1.4 * speed)
            x, y = x * _SCALE, y * _SCALE
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=(*_INK, 255))
    return image.resize((640, 260), Image.Resampling.LANCZOS)


def _smooth(points: tuple[Point, ...], steps: int = 160) -> list[Point]:
    """A Catmull-Rom curve through ``points``."""
    padded = (points[0], *points, points[-1])
    return [
        (_catmull([p[0] for p in four], i / steps), _catmull([p[1] for p in four], i / steps))
        for four in zip(padded, padded[1:], padded[2:], padded[3:], strict=False)
        for i in range(steps)
    ]


def _catmull(values: list[float], t: float) -> float:
    a, b, c, d = values
    return 0.5 * (
        2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3
    )


def logo() -> Image.Image:
    """Three lime leaves on a disc: the « Collège des Tilleuls » exists nowhere."""
    size = 300 * _SCALE
    image = Image.new("RGBA", (size, size), (255, 255, 255, 0))
    draw = ImageDraw.Draw(image)
    draw.ellipse((0, 0, size - 1, size - 1), fill=(27, 122, 75, 255))
    for angle in (-48, 0, 48):
        image.alpha_composite(_leaf(size).rotate(angle, center=(size / 2, size * 0.80)))
    width = size // 30
    stem = (size / 2 - width / 2, size * 0.60, size / 2 + width / 2, size * 0.88)
    ImageDraw.Draw(image).rounded_rectangle(stem, width / 2, fill=(255, 255, 255, 255))
    return image.resize((300, 300), Image.Resampling.LANCZOS)


def _leaf(size: int) -> Image.Image:
    leaf = Image.new("RGBA", (size, size), (255, 255, 255, 0))
    top, bottom, half = size * 0.16, size * 0.68, size * 0.145
    middle = size / 2
    right = [
        (middle + half * math.sin(math.pi * t / 40) ** 0.8, top + (bottom - top) * t / 40)
        for t in range(41)
    ]
    left = [(2 * middle - x, y) for x, y in reversed(right)]
    draw = ImageDraw.Draw(leaf)
    draw.polygon([*right, *left], fill=(255, 255, 255, 255))
    vein = (middle, top + size * 0.08, middle, bottom)
    draw.line(vein, fill=(27, 122, 75, 255), width=size // 75)
    return leaf


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    signature().save(folder / "signature.png", optimize=True)
    logo().save(folder / "logo.png", optimize=True)
