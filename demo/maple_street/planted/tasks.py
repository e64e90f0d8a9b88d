"""What is to be done: recalls wherever they hide, and calls with their hours."""

from demo.maple_street.book import Book, key_of

RECALL = "Recall Due"


def recalls_in_disguise(book: Book) -> None:
    """A recall by its type, and others that only their subject tells."""
    patient_id = book.patient("Recallson", "Inge", "01/02/1971")
    for kind, subject, interval, shown in (
        ("HYGIENE", "Cleaning", "6M", "6 months"),
        ("CALL", "6 month cleaning - ring her up", "180", "180 days"),
        ("OTHER", "Recare overdue \N{TOOTH}", "1Y", "1 year"),
        ("EMAIL", "3-month CHECK", "3 months", "3 months"),
    ):
        task_id = book.task(patient_id, kind, subject, "01/15/2027", interval=interval,
                            notes="Likes Tuesdays.")  # fmt: skip
        book.loads("tasks", task_id, key_of("tsk", task_id), Subject=RECALL, Status="Not Started",
                   ActivityDate="2027-01-15", Recall_Interval__c=shown,
                   Description=f"{subject}\nLikes Tuesdays.")  # fmt: skip


def months_without_a_recall(book: Book) -> None:
    """Months are of a payment plan, too: that is none."""
    patient_id = book.patient("Ratesby", "Jens", "02/03/1972", sex="M")
    task_id = book.task(patient_id, "CALL", "6 month payment plan", "01/16/2027")
    book.loads("tasks", task_id, key_of("tsk", task_id), Subject="6 month payment plan",
               TaskSubtype="Call")  # fmt: skip


def recall_that_was_kept(book: Book) -> None:
    """A day on which it was done makes it completed, whatever the status says."""
    patient_id = book.patient("Promptly", "Swantje", "03/04/1973")
    task_id = book.task(patient_id, "RECALL", "Cleaning", "02/01/2026", status="Open",
                        completed_date="02/03/2026 4:05 PM")  # fmt: skip
    book.loads("tasks", task_id, key_of("tsk", task_id), Status="Completed",
               Original_Completed__c="2026-02-03 21:05:00")  # fmt: skip


def call_with_its_hour(book: Book) -> None:
    """Calls keep the minute in which they were made; a meeting is a plain task."""
    patient_id = book.patient("Ringwood", "Thora", "04/05/1974")
    call = book.task(patient_id, "CALL", "About the bridge", "07/03/2026 2:15 PM", status="DONE",
                     completed_date="07/03/2026 2:40 PM", notes="Will think.")  # fmt: skip
    book.loads("tasks", call, key_of("tsk", call), TaskSubtype="Call", Status="Completed",
               ActivityDate="2026-07-03", Original_Start__c="2026-07-03 18:15:00",
               Original_Completed__c="2026-07-03 18:40:00", Description="Will think.")  # fmt: skip
    meeting = book.task(patient_id, "MEETING", "Talk about the plan", "07/06/2026")
    book.loads("tasks", meeting, key_of("tsk", meeting), TaskSubtype="Task",
               Original_Start__c=None)  # fmt: skip


def task_in_a_state_of_its_own(book: Book) -> None:
    """A status no map knows has not been started, and is reported."""
    patient_id = book.patient("Stateless", "Bror", "05/06/1975", sex="M")
    task_id = book.task(patient_id, "OTHER", "Find the old films", "01/18/2027",
                        status="On somebody's desk")  # fmt: skip
    record = key_of("tsk", task_id)
    book.loads("tasks", task_id, record, Status="Not Started")
    book.reports("tasks", task_id, record, "not_in_picklist", "Status")


def interval_in_prose(book: Book) -> None:
    """When is that? Left out, reported."""
    patient_id = book.patient("Whenever", "Elin", "06/07/1976")
    task_id = book.task(patient_id, "RECALL", "Cleaning", "01/19/2027", interval="when she calls")
    record = key_of("tsk", task_id)
    book.loads("tasks", task_id, record, Subject=RECALL, Recall_Interval__c=None)
    book.reports("tasks", task_id, record, "unreadable_number", "Recall_Interval__c")


def errand_for_nobody(book: Book) -> None:
    """Not every task is about a patient; one whose patient was deleted is held back."""
    task_id = book.task("", "OTHER", "Order gloves", "01/20/2027")
    book.loads("tasks", task_id, key_of("tsk", task_id), **{"What.Migration_Key__c": None})
    orphan = book.task("99903", "CALL", "Ring back", "01/20/2027")
    book.holds("tasks", orphan, key_of("tsk", orphan), "orphan")
