"""The dependencies of the migrations as a drawing: places and lines for an SVG, layer by layer from top to bottom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from entities.admin import titles
from entities.operations.catalogue import Node

WIDTH, HEIGHT, ACROSS, DOWN, MARGIN = 196, 44, 24, 44, 12
LONGEST = 26


@dataclass(frozen=True)
class Box:
    """A migration in the drawing; `x`, `y` is its upper left corner."""

    node: Node
    x: int
    y: int
    lines: tuple[str, ...]

    @property
    def middle(self) -> int:
        return self.x + WIDTH // 2

    @property
    def texts(self) -> list[tuple[int, str]]:
        """The title, in one line or two, with the height of each."""
        if len(self.lines) == 1:
            return [(self.y + HEIGHT // 2 + 4, self.lines[0])]
        return [(self.y + 18, self.lines[0]), (self.y + 34, self.lines[1])]


@dataclass(frozen=True)
class Drawing:
    """Boxes and the lines between them, with the size of the whole."""

    boxes: tuple[Box, ...]
    paths: tuple[tuple[str, str, str], ...]  # what needs, what is needed, the line
    width: int
    height: int
    box_width: int = WIDTH
    box_height: int = HEIGHT


def draw(nodes: Sequence[Node]) -> Drawing:
    """A layer is a row; in it, migrations stand near the middle of what they need, so that few lines cross."""
    layers: dict[int, list[Node]] = {}
    for node in nodes:
        layers.setdefault(node.layer, []).append(node)
    widest = max(len(row) for row in layers.values())
    width = widest * WIDTH + (widest - 1) * ACROSS + 2 * MARGIN
    boxes: dict[str, Box] = {}
    for layer in sorted(layers):
        row = sorted(layers[layer], key=lambda node: _wanted(node, boxes, width))
        left = (width - len(row) * WIDTH - (len(row) - 1) * ACROSS) // 2
        for place, node in enumerate(row):
            y = MARGIN + layer * (HEIGHT + DOWN)
            boxes[node.name] = Box(node, left + place * (WIDTH + ACROSS), y, _lines(titles.shown(node.title)))
    paths = tuple(
        (node.name, one, _path(boxes[one], boxes[node.name])) for node in nodes for one in node.needs
    )
    height = 2 * MARGIN + len(layers) * (HEIGHT + DOWN) - DOWN
    return Drawing(tuple(boxes.values()), paths, width, height)


def _wanted(node: Node, boxes: dict[str, Box], width: int) -> float:
    near = [boxes[one].middle for one in node.needs]
    return sum(near) / len(near) if near else width / 2


def _lines(title: str) -> tuple[str, ...]:
    if len(title) <= LONGEST:
        return (title,)
    words = title.split()
    cut = next(at for at in range(len(words), 0, -1) if len(" ".join(words[:at])) <= LONGEST or at == 1)
    return " ".join(words[:cut]), " ".join(words[cut:])


def _path(upper: Box, lower: Box) -> str:
    """From the lower edge of what is needed straight down to the gap above what needs it, and there across."""
    x1, y1, x2, y2 = upper.middle, upper.y + HEIGHT, lower.middle, lower.y - 4
    turn = y2 - DOWN + 4
    bend = (y2 - turn) // 2
    straight = f"M{x1},{y1} L{x1},{turn}" if turn > y1 else f"M{x1},{y1}"
    return f"{straight} C{x1},{turn + bend} {x2},{y2 - bend} {x2},{y2}"
