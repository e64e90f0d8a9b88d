"""Notes, alerts, recalls and pictures."""

from demo.chart import Chart, record_of

MOMENT = "2025-05-06 11:40:00"


def note_of_forty_thousand_characters(chart: Chart) -> None:
    """Longer than Salesforce holds in one field: it goes on in a second record."""
    patid = chart.patient("Longwinded", "Eckart", "1950-06-16 00:00:00", gender="1")
    text = "Discussed the options at length. " * 1250
    noteid = chart.note(patid, MOMENT, text.strip())
    chart.loads("clinicalnote", noteid, record_of("note", noteid), Part__c=1)
    chart.loads("clinicalnote", noteid, record_of("note", f"{noteid}-2"), Part__c=2)


def note_unsigned(chart: Chart) -> None:
    """Written and not yet locked."""
    patid = chart.patient("Draftley", "Hilke", "1974-04-04 00:00:00")
    noteid = chart.note(patid, MOMENT, "Sensitive to cold, upper left.", lockeddate="")
    chart.loads(
        "clinicalnote", noteid, record_of("note", noteid),
        Signed__c=False, Note_Date__c="2025-05-06", Original_Note_Date__c="2025-05-06 16:40:00",
    )  # fmt: skip


def note_undated(chart: Chart) -> None:
    """A note that nobody can place in time is held back."""
    patid = chart.patient("Timelessen", "Kersten", "1966-11-26 00:00:00")
    noteid = chart.note(patid, MOMENT, "Checked the margins.", createdatetime="0001-01-01")
    chart.holds("clinicalnote", noteid, record_of("note", noteid), "missing_required")


def note_of_nobody(chart: Chart) -> None:
    """Its patient was deleted."""
    noteid = chart.note("99913", MOMENT, "Prophy done.")
    chart.holds("clinicalnote", noteid, record_of("note", noteid), "orphan")


def alert_twice(chart: Chart) -> None:
    """In the old mask and in the new list: one alert, not two."""
    patid = chart.patient("Penicillow", "Malte", "1987-02-17 00:00:00", gender="1")
    chart.find("patient", patid)["medalertmask1"] = "1"
    chart.alert(patid, "1")
    chart.loads("patient", patid, record_of("patient", patid), Clinical_Alert__c="Penicillin")


def alerts_of_the_old_masks(chart: Chart) -> None:
    """Two numbers of one bit each: a pacemaker, and a blood thinner."""
    patid = chart.patient("Maskell", "Gerda", "1946-06-06 00:00:00")
    chart.find("patient", patid).update(medalertmask1="2", medalertmask2="1")
    chart.loads(
        "patient", patid, record_of("patient", patid),
        Clinical_Alert__c="Blood thinner;Pacemaker",
    )  # fmt: skip


def alert_with_a_semicolon(chart: Chart) -> None:
    """A semicolon parts the values of such a field: within a name it becomes a comma."""
    patid = chart.patient("Warfarington", "Hermine", "1943-03-03 00:00:00")
    chart.alert(patid, "4")
    chart.loads("patient", patid, record_of("patient", patid), Clinical_Alert__c="Warfarin, daily")


def recall_of_their_own(chart: Chart) -> None:
    """Every three months instead of six, and pictures each year: the earliest comes first."""
    patid = chart.patient("Recallister", "Friedel", "1963-03-13 00:00:00")
    chart.add("recalltype", recallid="1", patid=patid, name="PROPHY", descript="Cleaning",
              unit="months", qty="4", provtype="2", status="1")  # fmt: skip
    chart.recall(patid, "3", "2027-02-01")
    chart.recall(patid, "1", "2026-12-15")
    chart.loads(
        "patient", patid, record_of("patient", patid),
        Recall_Rule__c="PROPHY every 4 months (hygienist); BITEWINGS every 1 year (dentist)",
        Next_Recall_Date__c="2026-12-15",
    )  # fmt: skip


def picture_of_two(chart: Chart) -> None:
    """One family picture, filed under both children: a reference for each."""
    one = chart.patient("Portraiture", "Pia", "2013-01-13 00:00:00")
    other = chart.patient("Portraiture", "Tom", "2015-05-15 00:00:00", gender="1")
    docid = chart.document(one, r"\\SERVER\DtxImages\family\smiles 2024.jpg", doctypeid="2",
                           descript="Smiles")  # fmt: skip
    chart.add("docattach", attachid=chart.new_id("docattach"), docid=docid, attachtotype="1",
              attachtoentityid=other)  # fmt: skip
    for patid in (one, other):
        chart.loads(
            "document_files", docid, record_of("image", f"{docid}-{patid}"),
            Title__c="Smiles", Category__c="X-rays",
            Source_Path__c=r"\\SERVER\DtxImages\family\smiles 2024.jpg",
        )  # fmt: skip


def picture_without_a_file(chart: Chart) -> None:
    """Dentrix knows of a document that nobody found on the file share."""
    patid = chart.patient("Lostfile", "Ortrun", "1972-12-02 00:00:00")
    docid = chart.document(patid, "", descript="Consent form")
    chart.expect("skipped", "document", docid)
