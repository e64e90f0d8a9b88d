"""Any fault, anywhere: at every kind of request, and after every kind of move of the manifest, of
a migration that has every step, the first time it is sent. `make faults` tries every single one."""

import pytest

from tests.python.faults.tried import try_those
from tests.python.support import shared_folder


def test_the_org_ends_as_if_nothing_had_been(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = shared_folder(tmp_path_factory) / "faults"
    tried, wrong = try_those(folder, lambda stage: not stage.is_later)
    assert not wrong, "\n".join(wrong)
    assert tried > 200, tried
