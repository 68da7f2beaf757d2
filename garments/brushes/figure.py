"""What a kind of clothing draws: painted layers and the pen strokes that go with them, from the same curves."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from garments.brushes.curves import Curve, mirror, xy


@dataclass(frozen=True)
class Patch:
    """One filled piece of cloth, leather or metal."""

    contours: tuple[Curve, ...]
    paint: str = "main"  # which paint of the item: main, second, trim, inside, sole, metal, ...
    relief: float = 1.0  # how rounded it looks; 0 is flat
    grain_deg: float = 0.0  # how far fabric and pattern are turned, clockwise
    cast: float = 0.5  # strength of the shadow it throws on what lies under it
    within: tuple[Curve, ...] = ()  # painted only inside these contours, when given
    fade: float = 0.0  # how much lighter its middle is, as on washed denim


@dataclass(frozen=True)
class Line:
    """One line on top of the patches: a seam, a row of stitches, a fold."""

    path: Curve
    style: str = "seam"  # seam, stitch, fold, edge or cord
    paint: str = "main"
    width: float = 1.0  # for cords, in the figure's units; for the others, times the usual width
    within: tuple[Curve, ...] = ()


@dataclass(frozen=True)
class Stroke:
    """One line that a person might draw."""

    path: Curve
    weight: float = 1.0  # 1 is what everybody draws, 0.2 is a detail that few draw
    loop: bool = False  # the end joins the start


@dataclass(frozen=True)
class Figure:
    """An item's geometry with the words that describe its cut."""

    layers: tuple[Patch | Line, ...]
    strokes: tuple[Stroke, ...]
    words: tuple[str, ...] = ()  # how a catalogue names the cut: "Round Neck", "Full Sleeve"
    noun: str = ""  # what the thing is called in a title
    article: str = ""  # the catalogue's article type, when the cut decides it

    def taller(self, factor: float) -> Figure:
        """Return the figure stretched upwards; side views of shoes look better a little higher than measured."""

        def stretch(curves: tuple[Curve, ...]) -> tuple[Curve, ...]:
            return tuple(curve * xy(1.0, factor) for curve in curves)

        layers = tuple(
            replace(layer, contours=stretch(layer.contours), within=stretch(layer.within))
            if isinstance(layer, Patch)
            else replace(layer, path=layer.path * xy(1.0, factor), within=stretch(layer.within))
            for layer in self.layers
        )
        strokes = tuple(replace(stroke, path=stroke.path * xy(1.0, factor)) for stroke in self.strokes)
        return replace(self, layers=layers, strokes=strokes)


@dataclass
class Sheet:
    """Collects the layers and strokes of one figure, bottom layer first."""

    layers: list[Patch | Line] = field(default_factory=list)
    strokes: list[Stroke] = field(default_factory=list)

    def patch(
        self,
        *contours: Curve,
        paint: str = "main",
        relief: float = 1.0,
        grain_deg: float = 0.0,
        cast: float = 0.5,
        within: Curve | None = None,
        fade: float = 0.0,
        ink: float = 0.0,
        both: bool = False,
    ) -> None:
        """Add a patch; ``ink`` also adds its contours as strokes, ``both`` also its mirror image."""
        limit = () if within is None else (within,)
        self.layers.append(Patch(contours, paint, relief, grain_deg, cast, limit, fade))
        if ink:
            self.strokes.extend(Stroke(contour, ink, loop=True) for contour in contours)
        if both:
            twin = tuple(mirror(contour) for contour in contours)
            other = None if within is None else mirror(within)
            self.patch(
                *twin, paint=paint, relief=relief, grain_deg=-grain_deg, cast=cast, within=other, fade=fade, ink=ink
            )

    def line(
        self,
        path: Curve,
        style: str = "seam",
        *,
        paint: str = "main",
        width: float = 1.0,
        within: Curve | None = None,
        ink: float = 0.0,
        both: bool = False,
    ) -> None:
        """Add a line; ``ink`` also adds it as a stroke, ``both`` also its mirror image."""
        self.layers.append(Line(path, style, paint, width, () if within is None else (within,)))
        if ink:
            self.strokes.append(Stroke(path, ink))
        if both:
            other = None if within is None else mirror(within)
            self.line(mirror(path), style, paint=paint, width=width, within=other, ink=ink)

    def ink(self, path: Curve, weight: float = 1.0, *, loop: bool = False, both: bool = False) -> None:
        """Add a stroke that is not painted, such as a silhouette over several patches."""
        self.strokes.append(Stroke(path, weight, loop))
        if both:
            self.strokes.append(Stroke(mirror(path), weight, loop))

    def figure(self, *words: str, noun: str = "", article: str = "") -> Figure:
        """Close the sheet."""
        described = tuple(word for word in words if word)
        return Figure(tuple(self.layers), tuple(self.strokes), described, noun, article)
