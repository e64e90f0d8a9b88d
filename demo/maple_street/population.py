"""The practice on a good day: households, their visits, plans, tasks and papers, nothing wrong."""

from datetime import date, timedelta

from demo import people
from demo.maple_street.book import (
    CHECKUP,
    CLEANING,
    CROWN,
    EXTRACTED,
    FILLING,
    Book,
    us,
)
from demo.maple_street.papers import pdf, png

HOUSEHOLDS = range(100, 164)
"""Which of the made-up surnames live here."""
CARRIERS = ("DELTA DENTAL INC.", "Aetna", "GUARDIAN", "Cigna Corp.", "Principal Company")
PROVIDERS = (
    {"provider_id": "D1", "last_name": "Gumbrecht", "first_name": "Adele", "type": "DENTIST",
     "specialty": "General Practice", "npi": "0000000011", "license": "OH-30.11111",
     "email": "adele.gumbrecht@example.org", "active": "Y"},
    {"provider_id": "H1", "last_name": "Polishoff", "first_name": "Henk", "type": "HYGIENIST",
     "specialty": "Hygienist", "active": "Y"},
)  # fmt: skip
USERS = (
    {"user_id": "U1", "last_name": "Ledgerly", "first_name": "Maud", "role": "OFFICE MANAGER",
     "email": "maud.ledgerly@example.org", "active": "Y"},
)  # fmt: skip


def populate(book: Book) -> None:
    """Fills the book with about 180 patients who give no trouble."""
    for row in PROVIDERS:
        book.add("providers", **row)
    for row in USERS:
        book.add("users", **row)
    for surname in (people.SURNAMES[number] for number in HOUSEHOLDS):
        _household(book, surname)
    _production(book)


def _household(book: Book, surname: str) -> None:
    random = book.random
    head = book.new_id("patients")
    usual = {
        "account_no": f"A{head}",
        "responsible_party_id": head,
        "address_1": people.street(random),
        "home_phone": people.phone(random),
    }
    if random.random() < 0.8:
        usual |= {
            "carrier_name": random.choice(CARRIERS),
            "group_no": f"G{random.randrange(1000, 9999)}",
            "subscriber_id": f"W{random.randrange(10**8):08d}",
        }
    born: set[date] = set()
    grown_ups = 2 if random.random() < 0.6 else 1
    for number in range(grown_ups + random.choice((0, 0, 1, 2, 3))):
        _member(book, surname, head if number == 0 else book.new_id("patients"),
                number < grown_ups, born, usual)  # fmt: skip


def _member(
    book: Book,
    surname: str,
    patient_id: str,
    grown_up: bool,
    born: set[date],
    usual: dict[str, str],
) -> None:
    random = book.random
    woman = random.random() < 0.5
    first = random.choice(people.WOMEN if woman else people.MEN)
    years = (1948, 1990) if grown_up else (2009, 2022)
    birthday = next(day for _ in iter(int, 1) if (day := people.day(random, *years)) not in born)
    born.add(birthday)
    book.patient(
        surname,
        first,
        us(birthday),
        patient_id=patient_id,
        visits=random.choice((0, 1, 1, 2)),
        **usual,
        sex="F" if woman else "M",
        marital="M" if grown_up else "C",
        mi=random.choice(("", "", "B", "K")),
        cell_phone=people.phone(random) if grown_up else "",
        email=people.email(random, first, surname) if grown_up else "",
        status=random.choice("AAAAAAI"),
        first_visit=us(people.day(random, 2014, 2024)),
        last_visit=us(people.day(random, 2024, 2025)),
        hygienist=random.choice(("H1", "H1", "")),
        referral_source=random.choice(("", "", "Walked by", "Web")),
        premed_flag=random.choice("000001"),
    )
    _papers(book, patient_id)


def _papers(book: Book, patient_id: str) -> None:
    """Now and then a plan, a recall, a call, a scan, a next visit."""
    random = book.random
    if random.random() < 0.15:
        plan_id = book.new_id("txplan")
        book.plan_line(patient_id, plan_id, 1, CROWN, tooth="14", status="ACCEPTED")
        book.plan_line(patient_id, plan_id, 2, FILLING, tooth="19", surfaces="MO")
    if random.random() < 0.5:
        due = people.day(random, 2026, 2027)
        book.task(patient_id, "RECALL", CLEANING.words, us(due), interval="6M")
    if random.random() < 0.15:
        day = us(people.day(random, 2025, 2025))
        book.task(patient_id, "CALL", "Reminder call", f"{day} 10:15 AM", status="DONE",
                  completed_date=f"{day} 10:20 AM", notes="Left a message.")  # fmt: skip
    if random.random() < 0.2:
        shade = int(patient_id) % 251
        book.document(patient_id, f"bitewing-{patient_id}.png", png(shade))
    if random.random() < 0.1:
        book.document(patient_id, "consent.pdf", pdf(f"Consent of patient {patient_id}"))
    if random.random() < 0.25:
        day = us(people.day(random, 2027, 2027))
        book.appointment(patient_id, day, "1:30 PM", status="CONFIRMED", reason=CHECKUP.words)
    if random.random() < 0.2:
        book.add("provpat", patient_id=patient_id, provider_id="D1", relationship="PRIMARY",
                 from_date="02/01/2015")  # fmt: skip


def _production(book: Book) -> None:
    """Three weeks' figures of the practice and of its two providers."""
    for back in range(1, 22):
        day = EXTRACTED - timedelta(days=back)
        if day.weekday() < 5:
            for provider_id, goal in (("", 4000), ("D1", 2800), ("H1", 1200)):
                made = goal - 7 * back
                book.add("production", date=us(day), provider_id=provider_id,
                         daily_goal=f"${goal:,}.00", units_completed=str(goal // 200),
                         production=f"${made:,}.50", collections=f"${made - 100:,}.00",
                         collection_rate="95.5%")  # fmt: skip
