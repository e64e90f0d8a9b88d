"""The options of a deploy, as REST takes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from local_org.errors import ApiError, bad_json

FLAGS = {
    "allowMissingFiles": False,
    "autoUpdatePackage": False,
    "checkOnly": False,
    "ignoreWarnings": False,
    "performRetrieve": False,
    "purgeOnDelete": False,
    "rollbackOnError": True,
    "singlePackage": False,
}
TEST_LEVELS = (
    "NoTestRun",
    "RunSpecifiedTests",
    "RunLocalTests",
    "RunAllTestsInOrg",
    "RunRelevantTests",
)


@dataclass(frozen=True)
class Options:
    """What a deploy was asked to be. `given` is how the client said it."""

    given: Mapping[str, Any]

    def flag(self, name: str) -> bool:
        """Give one of the options that are true or false."""
        value = self.given.get(name)
        return FLAGS[name] if value is None else bool(value)

    @property
    def allow_missing(self) -> bool:
        """Whether what package.xml names may be missing."""
        return self.flag("allowMissingFiles")

    @property
    def auto_update(self) -> bool:
        """Whether files package.xml does not name deploy all the same."""
        return self.flag("autoUpdatePackage")


def read_options(body: Any) -> Options:
    """Read the JSON part of a deploy; raises the 400."""
    if not isinstance(body, dict) or not isinstance(body.get("deployOptions"), dict):
        raise bad_json("deployOptions are required")
    given: dict[str, Any] = body["deployOptions"]
    for name, value in given.items():
        if name in FLAGS:
            if value is not None and not isinstance(value, bool):
                raise bad_json(f"Cannot deserialize the option {name}: it must be true or false")
        elif name not in ("testLevel", "runTests"):
            raise bad_json(f'Unrecognized field "{name}" in deployOptions')
    _check_tests(given)
    return Options(given)


def _check_tests(given: Mapping[str, Any]) -> None:
    level, tests = given.get("testLevel"), given.get("runTests")
    if level is not None and level not in TEST_LEVELS:
        raise bad_json(f"'{level}' is not a valid value for the enum 'TestLevel'")
    if tests is not None and not (
        isinstance(tests, list) and all(isinstance(each, str) for each in tests)
    ):
        raise bad_json("Cannot deserialize the option runTests: it must be a list of class names")
    if tests and level != "RunSpecifiedTests":
        raise ApiError(
            400,
            "INVALID_OPERATION",
            "runTests can be used only with a testLevel of RunSpecifiedTests.",
        )
    if level == "RunSpecifiedTests" and not tests:
        raise ApiError(
            400, "INVALID_OPERATION", "A testLevel of RunSpecifiedTests needs tests in runTests."
        )
