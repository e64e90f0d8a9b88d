"""Pictures and papers: where they lie, and whose they are. Nothing is uploaded."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from tests.python.practice.book import Book, Fields, Row, to
from tests.python.practice.world import Person, World
from tests.python.practice.write_ascend import ref

CATEGORIES = {1: "X-rays", 2: "Consent Forms", 3: "Photos"}


@dataclass(eq=False)
class Image:
    """A document in the file share that belongs to one person."""

    number: int
    person: Person
    category: int
    title: str
    path: str
    taken: date

    def key(self, book: Book) -> str:
        return book.key("image", f"{book.id(self.number)}-{self.person.id(book)}")

    def url(self, book: Book) -> str | None:
        """The path under the practice's address, where it has one."""
        base = book.options.get("imaging_base_url")
        return f"{base.rstrip('/')}/{self.path}" if base else None


def take_pictures(world: World) -> list[Image]:
    """One or two for a tenth of all people, on days of their own."""
    random = Random("images")
    images: list[Image] = []
    for person in world.people:
        if person.number % 10:
            continue
        for at in range(random.randint(1, 2)):
            number = 200_001 + len(images)
            category = random.choice(list(CATEGORIES))
            images.append(
                Image(
                    number,
                    person,
                    category,
                    f"Picture {number}",
                    f"{number % 90:02d}/IMG{number}.jpg",
                    person.first_visit + timedelta(days=at * 200 + random.randrange(100)),
                )
            )
    return images


def write_images(book: Book, world: World, images: list[Image]) -> None:
    """The categories, every picture, and the newest one's address on the contact."""
    if not book.ascend:
        for number, name in CATEGORIES.items():
            book.row("doccat", dcdoctypeid=number, name=name)
    for image in images:
        write_image(book, world, image)
        expect_image(book, image)
    if book.ascend:
        return
    for person in world.people:
        own = [image for image in images if image.person is person]
        newest = max(own, key=lambda image: image.taken).url(book) if own else None
        book.record("patient", person.key(book), Source_Imaging_URL__c=newest)


def write_image(book: Book, world: World, image: Image, **different: Any) -> Row:
    """A picture's rows: the document, whom it is attached to, and its file. The last is given."""
    if book.ascend:
        cells: Row = {
            "id": book.id(image.number),
            "name": image.title,
            "mimeType": "image/jpeg",
            "ownerType": "PATIENT",
            "ownerPatient": ref("Patient", image.person.id(book)),
            "storage": {"original": image.path},
            "created": world.utc(datetime.combine(image.taken, time(20, 15))),
        }
        return book.row("documents", **cells | different)
    write_document(book, image)
    attach(book, image.number, image.person.number)
    return book.row("document_files", docid=image.number, path=image.path)


def write_document(book: Book, image: Image, **different: Any) -> Row:
    """The document's own row (G-series)."""
    cells: Row = {
        "docid": image.number,
        "doctypeid": image.category,
        "descript": image.title,
        "createdate": image.taken,
    }
    return book.row("document", **cells | different)


def attach(book: Book, docid: int, entity: int, kind: int = 1) -> Row:
    """Whom a document is attached to: a patient (1), or someone else (G-series)."""
    number = book.number("docattach", 900_001)
    return book.row(
        "docattach", attachid=number, docid=docid, attachtotype=kind, attachtoentityid=entity
    )


def expect_image(book: Book, image: Image) -> Fields:
    """The picture's record; what an address of Ascend's is like no document says."""
    expected = book.record(
        "image",
        image.key(book),
        Title__c=image.title,
        Source_Path__c=image.path,
        Captured_Date__c=image.taken,
        **to("Contact__c", image.person.key(book)),
    )
    if not book.ascend:
        expected["Category__c"] = CATEGORIES[image.category]
        expected["Source_URL__c"] = image.url(book)
    return expected
