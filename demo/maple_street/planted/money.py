"""Bills, balances that do not agree with them, claims in flight, and the practice's own figures."""

from demo.maple_street.book import Book, key_of

DAY = "04/07/2025"


def money_comes_and_goes(book: Book) -> None:
    """Payments lower what is owed, a refund raises it again, and openings are no charge."""
    patient_id = book.patient("Moneymore", "Friedl", "01/04/1955")
    for kind, amount, shown, value in (
        ("B", "$310.40", "Balance Forward", 310.4),
        ("C", "$1,105.00", "Charge", 1105),
        ("P", "(1,105.00)", "Payment", -1105),
        ("P", "$58.00", "Payment", 58),
        ("A", "(23.50)", "Adjustment", -23.5),
    ):
        trans_id = book.bill(patient_id, kind, amount, DAY)
        book.loads("billing", trans_id, key_of("billing", trans_id), Amount__c=value,
                   Type__c=shown, Date__c="2025-04-07")  # fmt: skip


def bill_of_no_known_kind(book: Book) -> None:
    """A type nobody has described: the amount stands, the type is left out and reported."""
    patient_id = book.patient("Mysterbill", "Anouk", "02/05/1956")
    trans_id = book.bill(patient_id, "Z", "$12.00", DAY)
    record = key_of("billing", trans_id)
    book.loads("billing", trans_id, record, Amount__c=12, Type__c=None)
    book.reports("billing", trans_id, record, "not_in_picklist", "Type__c")


def bill_in_words(book: Book) -> None:
    """An amount nobody can read is none."""
    patient_id = book.patient("Wordsworthy", "Bart", "03/06/1957", sex="M")
    trans_id = book.bill(patient_id, "C", "$0.00", DAY)
    book.find("billing", trans_id)["amount"] = "courtesy"
    book.unsettled.add(patient_id)
    book.find("patients", patient_id)["outstanding_balance"] = "$0.00"
    book.holds("billing", trans_id, key_of("billing", trans_id), "unreadable_number")


def bill_of_lost_work(book: Book) -> None:
    """The work it bills was deleted: the bill stands without it."""
    patient_id = book.patient("Lostwork", "Carla", "04/07/1958")
    trans_id = book.bill(patient_id, "C", "$55.00", DAY, code="D0120", tx_hist_id="99904")
    record = key_of("billing", trans_id)
    lookup = "Treatment_History__r.Migration_Key__c"
    book.loads("billing", trans_id, record, Source_Code__c="D0120", **{lookup: None})
    book.reports("billing", trans_id, record, "orphan", lookup)


def a_cent_too_much(book: Book) -> None:
    """The balance on file is a cent more than the bills come to: reported, never plugged."""
    patient_id = book.patient("Centimeyer", "Dora", "05/08/1959")
    book.bill(patient_id, "C", "$105.00", DAY)
    book.unsettled.add(patient_id)
    book.find("patients", patient_id)["outstanding_balance"] = "$105.01"
    book.expect("differs", "billing", patient_id, key_of("patient", patient_id), difference="0.01")


def a_balance_in_words(book: Book) -> None:
    """A balance nobody can read is left out; the bills stand."""
    patient_id = book.patient("Ledgerless", "Emmi", "06/09/1960")
    book.bill(patient_id, "C", "$70.00", DAY)
    book.unsettled.add(patient_id)
    book.find("patients", patient_id)["outstanding_balance"] = "see card"
    record = key_of("patient", patient_id)
    book.loads("patients", patient_id, record, Outstanding_Balance__c=None)
    book.reports("patients", patient_id, record, "unreadable_number", "Outstanding_Balance__c")


def claims_with_the_insurer(book: Book) -> None:
    """Two claims are with the insurer still: they stay behind, and are counted before cutover."""
    patient_id = book.patient("Claimsworth", "Fenja", "07/10/1961")
    for claim_id, word, received, effect in (
        ("C1", "OPEN", "", "open_claim"),
        ("C2", "SENT", "$100.00", "open_claim"),
        ("C3", "PAID", "$235.00", "settled_claim"),
        ("C4", "DENIED", "", "settled_claim"),
    ):
        book.add("claims", claim_id=claim_id, patient_id=patient_id, carrier_name="Aetna",
                 claim_date="11/03/2026", billed="$235.00", received=received,
                 status=word)  # fmt: skip
        book.expect(effect, "claims", claim_id)


def rates_as_written(book: Book) -> None:
    """A rate in percent, one as a ratio, and a day of a provider nobody knows."""
    for day, provider_id, rate, key, shown in (
        ("10/01/2026", "D1", "93.5%", "20261001-D1", 93.5),
        ("10/01/2026", "", "0.935", "20261001-practice", 93.5),
        ("10/02/2026", "", "", "20261002-practice", None),
    ):
        book.add("production", date=day, provider_id=provider_id, daily_goal="$2,800.00",
                 production="$2,654.25", collections="$2,481.72", units_completed="14",
                 collection_rate=rate)  # fmt: skip
        book.loads("production", key, key_of("metric", key), Collection_Rate__c=shown,
                   Production__c=2654.25, Units_Completed__c=14)  # fmt: skip
    book.add("production", date="10/02/2026", provider_id="D98", production="$10.00")
    record = key_of("metric", "20261002-D98")
    book.loads("production", "20261002-D98", record, **{"Contact__r.Migration_Key__c": None})
    book.reports("production", "20261002-D98", record, "orphan", "Contact__r.Migration_Key__c")
