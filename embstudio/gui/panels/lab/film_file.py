"""A film as a file: an animated GIF, or a folder of PNG pictures. It is there whole, or not at all."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtGui import QImage, QPainter

from embstudio.base.errors import StudioError
from embstudio.base.whole_file import write_whole
from embstudio.gui.panels.lab.film import Film

if TYPE_CHECKING:
    from PIL.Image import Image

MOST = 1_000  # pictures
_COLOURS = 255
_HELD_MS = 1_500  # the last picture of a GIF, before it begins again

Done = Callable[[int], object]  # so many pictures are painted; what it raises ends the work


@dataclass(frozen=True)
class Plan:
    """every: so many epochs. width, height: pixels. a_second: pictures."""

    every: int
    width: int
    height: int
    a_second: int

    def epochs(self, film: Film) -> tuple[int, ...]:
        """Of which there will be a picture; the last one is always among them."""
        first, last = film.epochs
        return tuple(dict.fromkeys([*range(first, last + 1, self.every), last]))


def write_gif(film: Film, plan: Plan, path: Path, done: Done) -> None:
    """Raises StudioError: it cannot be written, too many pictures, the training is gone."""
    from PIL import Image  # only whoever saves a GIF waits for it

    epochs = _checked(film, plan)
    palette = _palette(film, plan, epochs)
    frames = (
        _image(image).quantize(palette=palette, dither=Image.Dither.NONE)
        for image in _pictures(film, plan, epochs, done)
    )
    first = next(frames)
    each = round(1000 / plan.a_second)
    try:
        with write_whole(path) as out:
            first.save(out, "GIF", save_all=True, append_images=frames, loop=0, optimize=False,
                       duration=[*[each] * (len(epochs) - 1), _HELD_MS])  # fmt: skip
    except OSError as error:
        raise _unwritten(path, error) from error


def write_pictures(film: Film, plan: Plan, path: Path, done: Done) -> None:
    """A new folder of PNGs, numbered in order. Raises StudioError, also where there is something of that name."""
    if path.exists():
        raise StudioError("There is something of this name already.", where=str(path),
                          advice="Give the folder of the pictures another name.")  # fmt: skip
    epochs = _checked(film, plan)
    draft = path.parent / f"{path.name}.{secrets.token_hex(4)}.part"
    try:
        draft.mkdir()
        for number, image in enumerate(_pictures(film, plan, epochs, done), 1):
            if not image.save(str(draft / f"{number:04}-epoch-{epochs[number - 1]:05}.png")):
                raise OSError("the picture could not be written")
        draft.rename(path)
    except OSError as error:
        raise _unwritten(path, error) from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _checked(film: Film, plan: Plan) -> tuple[int, ...]:
    epochs = plan.epochs(film)
    if len(epochs) > MOST:
        raise StudioError(f"That would be {len(epochs):,} pictures, and {MOST:,} are the most.",
                          advice="Take one of every few epochs.")  # fmt: skip
    return epochs


def _pictures(film: Film, plan: Plan, epochs: tuple[int, ...], done: Done) -> Iterator[QImage]:
    for number, epoch in enumerate(epochs):
        done(number)
        yield _picture(film, plan, epoch)
    done(len(epochs))


def _picture(film: Film, plan: Plan, epoch: int) -> QImage:
    image = QImage(plan.width, plan.height, QImage.Format.Format_RGB888)
    painter = QPainter(image)
    try:
        film.paint(painter, plan.width, plan.height, epoch)
    finally:
        painter.end()
    return image


def _palette(film: Film, plan: Plan, epochs: tuple[int, ...]) -> Image:
    """The colours of all pictures, from the first, the middle and the last: what stays the same is then stored once."""
    from PIL import Image

    some = [epochs[0], epochs[len(epochs) // 2], epochs[-1]]
    sheet = Image.new("RGB", (plan.width, plan.height * len(some)))
    for number, epoch in enumerate(some):
        sheet.paste(_image(_picture(film, plan, epoch)), (0, number * plan.height))
    return sheet.quantize(_COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)


def _image(image: QImage) -> Image:
    from PIL import Image

    size: tuple[Any, Any] = (image.width(), image.height())
    return Image.frombytes("RGB", size, bytes(image.constBits()), "raw", "RGB", image.bytesPerLine())


def _unwritten(path: Path, error: OSError) -> StudioError:
    return StudioError("The animation could not be saved.", where=str(path), detail=str(error),
                       advice="Choose a folder that can be written to, with room for it.")  # fmt: skip
