"""Gives a home dbt's parse of the project that another home has, as if it had been made there: the
project is the same, and parsing it takes dbt longer than building some of it.

dbt takes a saved parse only where the connection is the one it was made with, and compares hashes;
a home of its own is a database of its own. The home's path, which the sources name, is changed
wherever it stands.
"""

import os
import pprint
import sys
from argparse import Namespace
from pathlib import Path
from typing import Any

import msgpack
from dbt.artifacts.resources.base import FileHash
from dbt.config.profile import Profile, read_profile
from dbt.config.renderer import ProfileRenderer
from dbt.flags import set_from_args
from dbt_common.context import set_invocation_context

from tests.python.support import PARSE

_PROJECT = Path(__file__).resolve().parents[2]


def _connection_hash(home: Path) -> str:
    """What dbt remembers of the connection to a home's warehouse."""
    os.environ["MIGRATION_HOME"] = str(home)
    set_invocation_context(os.environ)
    profile = Profile.from_raw_profiles(
        read_profile(str(_PROJECT)), "bridgework", ProfileRenderer({})
    )
    connection = sorted(profile.credentials.connection_info())
    return FileHash.from_contents(pprint.pformat(connection)).checksum


def _renamed(value: Any, names: dict[str, str]) -> Any:
    """The same, with every name in its texts changed."""
    if isinstance(value, dict):
        return {_renamed(key, names): _renamed(each, names) for key, each in value.items()}
    if isinstance(value, list):
        return [_renamed(each, names) for each in value]
    if isinstance(value, str):
        for old, new in names.items():
            value = value.replace(old, new)
    return value


def main() -> None:
    """Takes the home that was parsed in, and the one that is to have it."""
    parsed, home = map(Path, sys.argv[1:])
    set_from_args(Namespace(), None)
    names = {str(parsed): str(home), _connection_hash(parsed): _connection_hash(home)}
    saved: dict[str, Any] = msgpack.unpackb((parsed / PARSE).read_bytes(), strict_map_key=False)
    # Otherwise dbt would parse all of it again, and say so only in its log.
    assert saved["state_check"]["profile_hash"]["checksum"] in names
    (home / PARSE).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    (home / PARSE).write_bytes(msgpack.packb(_renamed(saved, names)))


if __name__ == "__main__":
    main()
