"""simple-salesforce's own bulk upsert of the bench's rows: `python -m bench.simple FILE`.

The rows are a CSV file that is there already; results are downloaded, not read. By itself it looks
at a job every five seconds; `--hurried` makes that a twentieth of a second, which no real org
would need, but shows what it does apart from waiting. Prints the rows it is told were taken, as
JSON.
"""

import argparse
import json
import sys
from pathlib import Path

import requests
from simple_salesforce.bulk2 import SFBulk2Handler

from bench import mart
from bench.reference import JOB_ROWS
from loaders.home import Home, open_home

_HURRIED_SECONDS = 0.05


def upsert(home: Home, rows: Path, folder: Path, *, hurried: bool) -> int:
    """Upserts the rows of a CSV file; gives how many the org took."""
    said = json.loads((home.local_org / "server.json").read_text(encoding="utf-8"))
    with requests.Session() as session:
        session.trust_env = False
        jobs = f"{said['url']}/services/data/v67.0/jobs/"
        handler = SFBulk2Handler(said["access_token"], jobs, session=session)
        sobject = getattr(handler, mart.OBJECT)
        ended = sobject.upsert(
            csv_file=str(rows),
            external_id_field=mart.KEY,
            batch_size=JOB_ROWS,
            **({"wait": _HURRIED_SECONDS} if hurried else {}),
        )
        for job in ended:
            number = job["job_id"]
            sobject.get_successful_records(number, file=str(folder / f"{number}.successful.csv"))
            sobject.get_failed_records(number, file=str(folder / f"{number}.failed.csv"))
    return sum(j["numberRecordsProcessed"] - j["numberRecordsFailed"] for j in ended)


def main() -> int:
    """Does it in MIGRATION_HOME."""
    parser = argparse.ArgumentParser(prog="python -m bench.simple", description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--hurried", action="store_true")
    asked = parser.parse_args()
    home = open_home()
    folder = home.path / "simple"
    folder.mkdir(mode=0o700, exist_ok=True)
    print(json.dumps({"rows": upsert(home, asked.file, folder, hurried=asked.hurried)}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
