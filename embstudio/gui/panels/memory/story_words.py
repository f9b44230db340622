"""A unit's story in one or two sentences, as rich text whose tokens are links to them."""

from __future__ import annotations

from html import escape

from embstudio.gui.panels.memory.scene import Scene
from embstudio.gui.style.numbers import four, percent
from embstudio.stepper.unit_story import UnitStory

LINK = "step:"


def story_html(scene: Scene, story: UnitStory) -> str:
    """ "Unit 17 is written most at ‘dog’ (+0.6213) and keeps 97.2 % of that a step until ‘won’ …" """
    if story.written is None:
        return f"<b>Unit {story.unit}</b> stays at 0 over the whole text."
    kind, state = scene.cell.kind, scene.cell.state
    verb = "changes most" if kind == "rnn" else "is written most"
    text = f"<b>Unit {story.unit}</b> {verb} at {_at(scene, story.written.pos)} ({_signed(story.written.amount)})"
    text += _kept(scene, story) + "."
    parts = []
    if story.lost is not None:
        parts.append(
            f"It loses most at {_at(scene, story.lost.pos)}, which keeps {percent(story.share)} of "
            f"{four(story.before)} ({_signed(story.lost.amount)})"
        )
    if story.shown is not None:
        shown = "it shows most" if kind == "lstm" else "it is largest"
        gate = f", output gate {percent(story.gate)} open" if story.gate == story.gate else ""
        what = "h" if kind == "lstm" else state
        parts.append(f"{shown} at {_at(scene, story.shown.pos)} ({what} = {four(story.shown.amount)}{gate})")
    second = "; ".join(parts)
    return f"{text} {second[:1].upper()}{second[1:]}." if second else text


def _kept(scene: Scene, story: UnitStory) -> str:
    """ " and keeps 97.2 % of that a step until ‘won’, where 81.3 % is left" """
    kept = story.kept
    if kept is None or story.written is None:
        return ""
    if kept.until == story.written.pos:
        return ", the last it reads" if kept.ended else ", more than half of which is gone a step later"
    a_step = f"{percent(kept.a_step)} of that a step"
    if kept.ended:
        return f" and keeps {a_step}: {percent(kept.left)} is left at the end of its reading"
    return (
        f" and keeps {a_step} until {_at(scene, kept.until)}, where {percent(kept.left)} is left; then less than half"
    )


def _at(scene: Scene, step: int) -> str:
    return f'<a href="{LINK}{step}">‘{escape(scene.labels[step])}’</a>'


def _signed(amount: float) -> str:
    return f"+{four(amount)}" if amount > 0 else four(amount)
