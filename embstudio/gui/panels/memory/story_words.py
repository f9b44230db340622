"""A unit's story in one or two sentences, as rich text whose tokens are links to them."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from embstudio.gui.panels.memory.scene import Scene
from embstudio.gui.style.numbers import four, percent
from embstudio.stepper.unit_story import UnitStory

LINK = "step:"


@dataclass(frozen=True)
class StoryWords:
    """link: the colour of links."""

    scene: Scene
    story: UnitStory
    link: str

    def html(self) -> str:
        """ "Unit 17 is written most at ‘dog’ (+0.6213) and keeps 97.2 % of that a step until ‘won’ …" """
        story = self.story
        name = f"<b>Unit {story.unit}</b>"
        if story.written is None:
            return f"{name} stays at 0 over the whole text."
        verb = "changes most" if self.scene.cell.kind == "rnn" else "is written most"
        first = f"{name} {verb} at {self._at(story.written.pos)} ({_signed(story.written.amount)}){self._kept()}."
        second = "; ".join(part for part in (self._lost(), self._shown()) if part)
        return f"{first} {second[:1].upper()}{second[1:]}." if second else first

    def _kept(self) -> str:
        """ " and keeps 97.2 % of that a step until ‘won’, where 81.3 % is left" """
        kept, written = self.story.kept, self.story.written
        if kept is None or written is None:
            return ""
        steps = abs(kept.until - written.pos)
        if not steps:
            return ", at the end of its reading" if kept.ended else ", more than half of which is gone a step later"
        left = percent(kept.left)
        a_step = f"keeps {left} of that" if steps == 1 else f"keeps {percent(kept.a_step)} of that a step"
        if kept.ended:
            at_end = "to the end of its reading" if steps == 1 else f": {left} is left at the end of its reading"
            return f" and {a_step} {at_end}".replace(" :", ":")
        after = "after that it is less than half"
        if steps == 1:
            return f" and {a_step} at {self._at(kept.until)}; {after}"
        return f" and {a_step} until {self._at(kept.until)}, where {left} is left; {after}"

    def _lost(self) -> str:
        story = self.story
        if story.lost is None:
            return ""
        share = f"which keeps {percent(story.share)} of {four(story.before)}"
        return f"it loses most at {self._at(story.lost.pos)}, {share}"

    def _shown(self) -> str:
        story, cell = self.story, self.scene.cell
        if story.shown is None:
            return ""
        verb, what = ("shows most", "h") if cell.kind == "lstm" else ("is largest", cell.state)
        gate = f", output gate {percent(story.gate)} open" if story.gate == story.gate else ""
        return f"it {verb} at {self._at(story.shown.pos)} ({what} = {four(story.shown.amount)}{gate})"

    def _at(self, step: int) -> str:
        return f'<a href="{LINK}{step}" style="color:{self.link}">{escape(self.scene.named(step))}</a>'


def _signed(amount: float) -> str:
    return f"+{four(amount)}" if amount > 0 else four(amount)
