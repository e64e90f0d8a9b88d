"""What holds for all the small practices together."""

import json

from tests.python.small import custom, own_export, schedule
from tests.python.small.conftest import Later
from tests.python.support import Migration


def test_a_second_run_sends_nothing(migrated: Migration) -> None:
    said = json.loads(migrated.run("load-sf", "run", "--json").stdout)
    assert (said["sent"], said["runs"]) == (0, [])


def test_later_exports_send_the_changed_rows_and_no_other(later: Later) -> None:
    assert later.sent == schedule.CHANGED + own_export.CHANGED + custom.CREATED
