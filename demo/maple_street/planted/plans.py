"""Treatment plans line by line, and the work done that belongs to them."""

from demo.maple_street.book import CHECKUP, CROWN, FILLING, Book, Work, key_of

PLAN = "Treatment_Plan__r.Migration_Key__c"


def plan_of_three_lines(book: Book) -> None:
    """Each line is a plan of its own, with its own state; what she declined was rejected."""
    patient_id = book.patient("Planquist", "Solveig", "01/03/1965")
    plan_id = book.new_id("txplan")
    for line, work, tooth, word, shown in (
        (1, CROWN, "14", "IN PROGRESS", "In Progress"),
        (2, FILLING, "19", "accepted", "Accepted"),
        (3, FILLING, "8", "DECLINED", "Rejected"),
    ):
        key = book.plan_line(patient_id, plan_id, line, work, tooth=tooth, surfaces="OM",
                             status=word, est_completion="06/30/2026")  # fmt: skip
        book.loads("txplan", key, key_of("plan", key), Name=f"{key} {work.code}", Status__c=shown,
                   CDT_Code__c=work.code, Total_Fee__c=work.fee, Tooth__c=tooth,
                   Surface__c="MI" if tooth == "8" else "MO", Plan_Number__c=plan_id,
                   Estimated_Completion_Date__c="2026-06-30")  # fmt: skip


def plan_in_an_unknown_state(book: Book) -> None:
    """A word no map knows: left out, reported."""
    patient_id = book.patient("Plansky", "Vera", "02/04/1966")
    key = book.plan_line(patient_id, book.new_id("txplan"), 1, CROWN, status="Dreamt of")
    record = key_of("plan", key)
    book.loads("txplan", key, record, Status__c=None)
    book.reports("txplan", key, record, "not_in_picklist", "Status__c")


def work_finds_its_line(book: Book) -> None:
    """By code and tooth, by code alone, because there is only one line; or not at all."""
    patient_id = book.patient("Matchwick", "Ragna", "03/05/1967")
    plan_id = book.new_id("txplan")
    crown = book.plan_line(patient_id, plan_id, 1, CROWN, tooth="3")
    other = book.plan_line(patient_id, plan_id, 2, CROWN, tooth="30")
    alone = book.plan_line(patient_id, book.new_id("txplan"), 1, FILLING, tooth="5")
    for work, tooth, plan, line in (
        (CROWN, "30", plan_id, other),
        (CROWN, "12", plan_id, crown),
        (CROWN, "12", alone.partition("-")[0], alone),
    ):
        history_id = book.history(patient_id, work, "04/01/2026", tooth=tooth, plan_id=plan,
                                  provider_id="D1", materials="Zirconia, shade A2")  # fmt: skip
        book.loads("txhist", history_id, key_of("history", history_id), Fee__c=work.fee,
                   Tooth__c=tooth, Materials__c="Zirconia, shade A2",
                   **{PLAN: key_of("plan", line)})  # fmt: skip
    history_id = book.history(patient_id, FILLING, "04/02/2026", plan_id=plan_id)
    record = key_of("history", history_id)
    book.loads("txhist", history_id, record, **{PLAN: None})
    book.reports("txhist", history_id, record, "orphan", PLAN)


def code_of_the_house(book: Book) -> None:
    """A service the practice invented a code for: kept as it is, and no CDT code."""
    patient_id = book.patient("Brightwater", "Solange", "04/06/1968")
    history_id = book.history(patient_id, Work("BLEACH", "Whitening", 290), "04/03/2026")
    record = key_of("history", history_id)
    book.loads("txhist", history_id, record, CDT_Code__c=None, Source_Code__c="BLEACH")
    book.reports("txhist", history_id, record, "invalid_code", "CDT_Code__c")


def work_on_no_day(book: Book) -> None:
    """Work without a date belongs to no chart."""
    patient_id = book.patient("Datelessen", "Bo", "05/07/1969", sex="M")
    history_id = book.history(patient_id, CHECKUP, "last spring")
    book.holds("txhist", history_id, key_of("history", history_id), "unreadable_date")
