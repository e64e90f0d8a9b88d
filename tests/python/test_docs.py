"""What the docs say to type and where they lead is there."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from loaders.raw.cli import load_raw
from loaders.salesforce.cli import load_sf
from tests.python.support import PROJECT

PROGRAMS: dict[str, click.Command] = {"load-raw": load_raw, "load-sf": load_sf}
DOCS = [PROJECT / "README.md", *sorted((PROJECT / "docs").glob("*.md"))]
# Made by `make docs`, and not checked in.
DRAWN = PROJECT / "target"


def links(doc: Path) -> Iterator[tuple[Path, str]]:
    """The relative links of a document: file and anchor."""
    for target in re.findall(r"\]\(([^)\s]+)\)", doc.read_text(encoding="utf-8")):
        if "://" not in target:
            path, _, anchor = target.partition("#")
            yield (doc.parent / path).resolve() if path else doc, anchor


def anchors(doc: Path) -> set[str]:
    """The anchors of a document's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", doc.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("doc", DOCS, ids=lambda path: path.name)
def test_links_lead_somewhere(doc: Path) -> None:
    for target, anchor in links(doc):
        if not target.is_relative_to(DRAWN):
            assert target.exists(), target
            assert not anchor or anchor in anchors(target), f"{target.name}#{anchor}"


def typed(doc: Path) -> Iterator[list[str]]:
    """What a document says to type: lines of its shell blocks and inline code, word by word."""
    text = doc.read_text(encoding="utf-8")
    blocks = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    lines = [line for block in blocks for line in re.split(r"\n|&&", block)]
    lines += re.findall(r"`((?:load-raw|load-sf|make) [^`\n]+)`", text)
    for line in lines:
        words = shlex.split(line, comments=True)
        if words and Path(words[0]).name in (*PROGRAMS, "make"):
            yield [Path(words[0]).name, *words[1:]]


@pytest.mark.parametrize("doc", DOCS, ids=lambda path: path.name)
def test_commands_are_there_with_their_options(doc: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (PROJECT / "Makefile").read_text(), re.MULTILINE))
    for program, *words in typed(doc):
        if program == "make":
            assert words[0] in targets, words
            continue
        command = PROGRAMS[program]
        while isinstance(command, click.Group) and words and words[0] in command.commands:
            command = command.commands[words.pop(0)]
        # Only load-raw does something by itself: it lands what is named.
        assert command is not load_sf, words
        known = {option for parameter in command.params for option in parameter.opts}
        assert {word for word in words if word.startswith("-")} <= known, (command.name, words)
