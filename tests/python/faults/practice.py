"""The migration that meets the faults: some twelve patients of Dentrix and Dental-Exec, whose
marts fill every step, and the marts once more as a later build would have them."""

import hashlib
import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import duckdb
import yaml

from loaders.salesforce.ledger.sql import name, text
from loaders.salesforce.ledger.steps import Field, Project, Step, read_project
from tests.python.faults.machine import copied
from tests.python.practice import already_there, care, practices
from tests.python.practice.book import Book
from tests.python.practice.insurance import CARRIERS
from tests.python.practice.world import PROVIDERS, Family, make_world
from tests.python.practice_exec import chart, people, write
from tests.python.practice_exec import clinic as clinic_of
from tests.python.practice_exec import practices as dental_exec
from tests.python.practice_exec.clinic import FALLBACK, Clinic
from tests.python.support import Migration

BUILD = ("dbt", "build", "--exclude-resource-type", "unit_test")
NONE, FIRST, LATER = "", "first.duckdb", "later.duckdb"
# What may be changed by adding a word to it, and what may be left out.
_WORDS = {"Text", "TextArea", "LongTextArea"}


@dataclass(frozen=True)
class Practice:
    """`state` is a home that was never pulled into, beside an org that somebody has furnished;
    `first` and `later` are the marts, `project` what dbt says of them."""

    folder: Path
    state: Path
    project: Project

    def give_marts(self, home: Path, which: str) -> None:
        """Puts marts into a home that was pulled into, with what they were built from."""
        if which == NONE:
            return
        warehouse, raw = home / "warehouse.duckdb", home / "raw"
        if not warehouse.is_symlink():
            shutil.rmtree(raw)
            shutil.copytree(self.folder / "raw" / "files", raw / "files")
            (raw / "generations").symlink_to(self.folder / "raw" / "generations")
            (raw / "current").symlink_to((self.folder / "raw" / "current").readlink())
        warehouse.unlink(missing_ok=True)
        warehouse.symlink_to(self.folder / which)


def make(folder: Path) -> Practice:
    """Makes the practice up, and builds its marts."""
    folder.mkdir(exist_ok=True)
    migration = Migration(folder / "home")
    books, clinic, families = _books()
    # The options stand beside each home of this folder.
    options = folder / "migration.yml"
    own = {book.practice: book.options for book in (*books, clinic.book) if book.options}
    options.write_text(yaml.safe_dump({"defaults": {}, "practices": own}))
    sets = [practices.write(book, folder) for book in books]
    sets.append(write.write(clinic, folder / clinic.book.practice))
    migration.run("load-raw", *sets)
    migration.run("load-sf", "pull")  # starts the org
    _furnish(migration, families[0])
    migration.stop_org()
    state = copied(migration.home, folder / "state")
    migration.run("load-sf", "pull")
    migration.run(*BUILD)
    migration.stop_org()
    for each, to in (("warehouse.duckdb", FIRST), ("target", "target"), ("raw", "raw")):
        (migration.home / each).rename(folder / to)
    (state / "target").symlink_to(folder / "target")
    _shorten(folder / "target" / "manifest.json")
    made = Practice(folder, state, read_project(folder / "target" / "manifest.json"))
    shutil.copy(folder / FIRST, folder / LATER)
    with duckdb.connect(str(folder / LATER)) as con:
        for step in made.project.steps:
            _change(con, step, folder)
        _supersede(con)
    return made


def _shorten(manifest: Path) -> None:
    """Leaves dbt's SQL out of its manifest: every command reads it, and none reads that."""
    said = json.loads(manifest.read_text(encoding="utf-8"))
    short = {name: said[name] for name in ("metadata", "nodes", "sources", "unit_tests")}
    for node in short["nodes"].values():
        for code in ("raw_code", "compiled_code", "docs", "checksum"):
            node.pop(code, None)
    manifest.write_text(json.dumps(short), encoding="utf-8")


def _books() -> tuple[list[Book], Clinic, list[Family]]:
    """One practice whose visits are events, one whose visits are records; one of Dental-Exec."""
    books, families = [], []
    for slug, seed, shift, options in (
        ("elm_street", 22, 0, {}),
        ("cedar_lane", 21, 3000, {"appointments_as": "appointment", "clinical_alerts": "object"}),
    ):
        book, world = Book(slug, options=options), make_world(2, seed=seed, shift=shift)
        practices._ordinary(book, world)
        care.write_care(book, world)
        care.settle(book)
        books.append(book)
        families += world.families
    world = make_world(3, 20, providers=clinic_of.PROVIDERS)
    clinic = Clinic(Book("birch_row", "dental_exec", options={"fallback_owner": FALLBACK}), world)
    dental_exec._ordinary(clinic)
    for person in world.people[:4]:
        chart.doc(clinic, person=person)
    people.settle(clinic)
    return books, clinic, families


def _furnish(migration: Migration, family: Family) -> None:
    """Users, and Accounts that a family and a carrier take over."""
    already_there.create_users(migration)
    for provider in clinic_of.PROVIDERS:
        if provider.user and provider.email not in {each.email for each in PROVIDERS}:
            already_there.create_user(migration, provider.email, provider.last)
    already_there.create_user(migration, FALLBACK, "Office")
    phone = already_there.OWN_PHONE
    already_there.create(migration, "Account", Name=CARRIERS[1].spellings[0], Phone=phone)
    already_there.create(
        migration,
        "Account",
        Name=f"{family.last} Family",
        BillingPostalCode=family.postal_code,
        Phone=phone,
    )


def _change(con: duckdb.DuckDBPyConnection, step: Step, folder: Path) -> None:
    """Of a step's rows one loses what a field held, one says something else, one is new."""
    mart, key = f"salesforce.{name(step.name)}", name(step.external_id)
    kept = "not _held_back" + (" and _adopt_id is null" if step.adopts else "")
    keys = [
        row[0]
        for row in con.execute(f"select {key} from {mart} where {kept} order by 1").fetchall()
    ]
    changeable = [f for f in step.fields if _is_free(f, step)]
    for number, changed in enumerate(keys[:2]):
        for each in changeable:
            column = name(each.column)
            filled = f"{key} = {text(changed)} and {column} is not null"
            room = min(30, (each.length or 30) - 1)
            other = f"left({column}, {room}) || '.'" if each.type in _WORDS else "null"
            said = other if number else "null"
            con.execute(f"update {mart} set {column} = {said} where {filled}")
    if step.binary:
        _change_file(con, mart, step, keys, folder)
    elif not step.is_update and keys:
        con.execute(
            f"insert into {mart} select * replace ({key} || '0' as {key}) from {mart}"
            f" where {key} = {text(keys[-1])}"
        )
    listed = ", ".join(text(each) for each in (*keys[:3], *(f"{each}0" for each in keys[-1:])))
    if keys:
        con.execute(
            f"update {mart} set _row_hash = md5({key} || 'later') where {key} in ({listed})"
        )


def _is_free(field: Field, step: Step) -> bool:
    if field.required or field.hold or field.column == step.external_id or field.create_only:
        return False
    return bool(field.lookup) if step.is_update else not field.lookup and field.type in _WORDS


def _change_file(
    con: duckdb.DuckDBPyConnection, mart: str, step: Step, keys: list[str], folder: Path
) -> None:
    """Of the files two are other bytes, one is on another record, one has another title."""
    key = name(step.external_id)
    place = next(f for f in step.fields if f.lookup)
    for number, changed in enumerate(keys[:2]):
        data = f"retaken {number}".encode()
        sha256 = hashlib.sha256(data).hexdigest()
        (folder / "raw" / "files" / sha256).write_bytes(data)
        con.execute(
            f'update {mart} set "VersionData" = ?, _sha256 = ?, _bytes = ? where {key} = ?',
            [f"raw/files/{sha256}", sha256, len(data), changed],
        )
    con.execute(
        f"update {mart} set {name(place.column)} ="
        f" (select {name(place.column)} from {mart} where {key} = ?) where {key} = ?",
        [keys[0], keys[2]],
    )


def _supersede(con: duckdb.DuckDBPyConnection) -> None:
    """An appointment has taken place: its visit takes the place of its event."""
    (event, visit) = con.execute(
        'select "Migration_Key__c", _supersedes from salesforce.dental_exec__event'
        " where not _held_back order by 1 desc offset 1 limit 1"
    ).fetchall()[0]
    con.execute('delete from salesforce.dental_exec__event where "Migration_Key__c" = ?', [event])
    con.execute(
        "insert into salesforce.dental_exec__visit select * replace"
        ' (? as "Migration_Key__c", ? as _supersedes, md5(?) as _row_hash)'
        " from salesforce.dental_exec__visit where not _held_back limit 1",
        [visit, event, visit],
    )
