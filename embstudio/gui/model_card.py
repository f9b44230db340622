"""What is this model? Everything one should know of it before believing it, in one place."""

from __future__ import annotations

from html import escape

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QTextBrowser, QVBoxLayout, QWidget

from embstudio.anatomy.anatomy import Anatomy
from embstudio.anatomy.cells.say import fixed_steps
from embstudio.gui.style.numbers import size_of
from embstudio.gui.style.theme import Theme
from embstudio.modelfile.card import Card
from embstudio.session.execution.placement import say_placement
from embstudio.session.execution.way import title
from embstudio.studio import Document, Studio


class ModelCard(QDialog):
    """Shows the open model: what was found in the file, and, for a bundled one, its card."""

    def __init__(self, studio: Studio, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("ModelCard")
        self.setWindowTitle("What is this model?")
        self.text = QTextBrowser(self)
        self.text.setObjectName("modelCardText")
        self.text.setAccessibleName("What is this model?")
        self.text.setOpenLinks(False)
        if studio.document is not None:
            self.text.setHtml(card_html(studio.document, theme.colours.muted))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addWidget(self.text)
        column.addWidget(buttons)
        self.resize(round(660 * theme.scale), round(640 * theme.scale))


def card_html(document: Document, muted: str) -> str:
    """The whole card as HTML."""
    card, opened = document.source.card, document.opened
    parts = [f"<h2>{escape(document.source.title)}</h2>"]
    if card:
        parts.append(f"<p>{escape(card.summary)}</p>")
    parts.append(_section("What is inside", _found(document)))
    if card:
        parts += _card_sections(card)
    file = [("File", str(document.source.path)), ("Size", size_of(document.source.path.stat().st_size))]
    if opened.tokenizer:
        about = f"{opened.tokenizer.kind}, {len(opened.tokenizer.vocabulary):,} entries, {opened.tokenizer.path}"
        file.append(("Tokenizer", "; ".join([about, *opened.tokenizer.notes])))
    else:
        file.append(("Tokenizer", "none: the model takes token numbers"))
    file.append(
        ("Opset", ", ".join(f"{domain or 'ai.onnx'} {version}" for domain, version in opened.anatomy.opset.items()))
    )
    parts.append(_section("File", file))
    parts.append(_sentences("Not recognised", opened.anatomy.unrecognised))
    parts.append(_sentences("Points not found", opened.anatomy.missing))
    return f"<style>td.name {{ color: {muted}; }}</style>" + "".join(parts)


def _sentences(title: str, sentences: tuple[str, ...]) -> str:
    """A heading and a list; nothing where there are no sentences."""
    if not sentences:
        return ""
    return f"<h3>{title}</h3><ul>" + "".join(f"<li>{escape(sentence)}</li>" for sentence in sentences) + "</ul>"


def _found(document: Document) -> list[tuple[str, str]]:
    """What was found in the file itself, whoever made it."""
    anatomy, verified = document.opened.anatomy, document.opened.verified
    found = [("Kind", anatomy.kind), *_shape(anatomy), ("Parameters", f"{anatomy.parameters.get('total', 0):,}")]
    if anatomy.max_positions:
        found.append(("Longest input", f"{anatomy.max_positions:,} tokens"))
    if steps := fixed_steps(anatomy.recurrent):
        found.append(("Length of input", f"{steps} tokens, one for each step that is written out"))
    if verified is not None:
        found.append(("Checked", f"opened up to show its gates, it agrees with the plain model to {verified:.0e}"))
    found.append(("Runs on", say_placement(document.opened.placement) or title(document.opened.provider)))
    return found


def _shape(anatomy: Anatomy) -> list[tuple[str, str]]:
    shape = []
    if anatomy.blocks:
        heads = sorted({attention.heads or 0 for block in anatomy.blocks for attention in block.attention})
        known = [str(count) for count in heads if count] + ["not known in some"] * (0 in heads and len(heads) > 1)
        shape += [
            ("Layers", f"{len(anatomy.blocks)}"),
            ("Heads", " or ".join(known) + " a layer" if known else "not known"),
        ]
    for layer in anatomy.recurrent:
        shape.append(
            (f"Layer {layer.layer}", f"{layer.kind.upper()}, {' and '.join(layer.directions)}, {layer.units} units")
        )
    for table in anatomy.embeddings:
        shape.append(("Embedding", f"{table.rows:,} entries of {table.width} numbers"))
    if anatomy.head:
        shape.append(("Output", anatomy.head.kind + (f", {anatomy.head.width:,}" if anatomy.head.width else "")))
    return shape


def _card_sections(card: Card) -> list[str]:
    """What the card of a bundled model tells."""
    quality = [
        (figure.name, " ".join(filter(None, [f"<b>{figure.value:g}{_unit(figure.unit)}</b>", escape(figure.split)]))
         + (f"<br>{escape(figure.note)}" if figure.note else ""))
        for figure in card.quality
    ]  # fmt: skip
    data = [
        (entry.get("name", ""), ", ".join(filter(None, (entry.get("licence"), entry.get("use")))))
        for entry in card.data
    ]
    sections = [
        _section("How good it is", quality, raw=True),
        _section("Where it fails", list(card.failures)),
        _section("What it learnt from", data),
        _section("As its maker describes it", [(name, str(value)) for name, value in card.architecture.items()]),
        _section("How it was trained", [(name, str(value)) for name, value in card.training.items()]),
        _section("Licence", [("Weights", card.licence)]),
    ]
    return [section for section in sections if section]


def _unit(unit: str) -> str:
    return f" {escape(unit)}" if unit else ""


def _section(title: str, rows: list[tuple[str, str]], *, raw: bool = False) -> str:
    """A heading and a table of names and values; nothing where there are no rows. raw: the values are HTML."""
    if not rows:
        return ""
    lines = "".join(
        f'<tr><td class="name" width="34%">{escape(name)}</td><td>{value if raw else escape(value)}</td></tr>'
        for name, value in rows
    )
    return f'<h3>{title}</h3><table cellpadding="3" width="100%">{lines}</table>'
