"""What the platform does its own way: platform.yml, read once."""

from pathlib import Path
from typing import Any

import yaml

PLATFORM: dict[str, Any] = yaml.safe_load(
    (Path(__file__).resolve().parent / "platform.yml").read_text(encoding="utf-8")
)


def host_of(sobject: str) -> str:
    """The object that holds an object's custom fields: most hold their own."""
    found: str = PLATFORM["hosts"].get(sobject, sobject)
    return found


def described_as(host: str) -> tuple[str, ...]:
    """The objects that show a host's custom fields: most objects show their own."""
    shown = tuple(o for o, h in PLATFORM["hosts"].items() if h == host)
    return shown or (host,)
