"""Which parts of a text are keywords, strings, comments: Pygments', by the name of the file."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from pathlib import PurePosixPath

Token = tuple[int, int, str]
"""From a character of a line up to another, and its kind."""

KINDS = {
    "Comment": "comment",
    "Keyword": "keyword",
    "Name.Tag": "name",
    "Name.Attribute": "name",
    "Name.Function": "name",
    "Name.Class": "name",
    "Name.Decorator": "name",
    "Literal.String": "string",
    "Literal.Number": "number",
    "Keyword.Constant": "number",
    "Generic.Heading": "keyword",
    "Generic.Subheading": "keyword",
}
"""The kinds that are drawn in a style of their own, by Pygments' types; a longer name goes first."""
YAML_NAMES = frozenset({"MLTable", "MLmodel"})
"""Files of Azure Machine Learning and MLflow that are YAML without saying so."""


def tokens(lines: Sequence[str], file_name: str) -> list[list[Token]]:
    """The tokens of each line; nothing for a file of unknown kind. Slow at first: it imports Pygments."""
    from pygments.lexers import find_lexer_class_for_filename
    from pygments.lexers.data import YamlLexer

    name = PurePosixPath(file_name).name
    lexer_class = YamlLexer if name in YAML_NAMES else find_lexer_class_for_filename(name)
    found: list[list[Token]] = [[] for _ in lines]
    if lexer_class is None:
        return found
    starts = [0, *accumulate(len(line) + 1 for line in lines)]
    for at, token_type, value in lexer_class().get_tokens_unprocessed("\n".join(lines)):
        kind = _kind(str(token_type).removeprefix("Token."))
        if not kind:
            continue
        line = bisect_right(starts, at) - 1
        start = at - starts[line]
        for row, piece in enumerate(value.split("\n"), line):
            if piece:
                found[row].append((start, start + len(piece), kind))
            start = 0
    return found


def _kind(name: str) -> str:
    while name and name not in KINDS:
        name = name.rpartition(".")[0]
    return KINDS.get(name, "")
