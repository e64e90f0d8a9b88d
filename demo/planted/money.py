"""The ledger: signs, openings, refunds, and work that was entered oddly. Claims still in flight."""

from demo.chart import CROWN, DEEP_CLEANING, FILLING, ROUTINE, WHITENING, Chart, record_of

MOMENT = "2025-04-07 10:20:00"


def refund(chart: Chart) -> None:
    """Paid twice and paid back: the refund is a payment with the other sign."""
    patid = chart.patient("Overpayne", "Greta", "1971-03-03 00:00:00")
    chart.work(patid, patid, ROUTINE[0], MOMENT)
    chart.posting(patid, "1", "-116.00")
    refund = chart.posting(patid, "1", "58.00")
    chart.loads(
        "fullproclog", refund, record_of("ledger", refund),
        Amount__c=58, Transaction_Type__c="Payment", Patient_Payment__c=None,
    )  # fmt: skip


def insurance_pays_a_part(chart: Chart) -> None:
    """Two payments on one bill: what the insurance paid and what the patient paid stand apart."""
    patid = chart.patient("Coverdale", "Luise", "1964-12-01 00:00:00")
    chart.work(patid, patid, CROWN, MOMENT, toothrangestart="19", toothrangeend="19")
    for proclogclass, amount, field, other in (
        ("3", "640.00", "Insurance_Payment__c", "Patient_Payment__c"),
        ("1", "640.00", "Patient_Payment__c", "Insurance_Payment__c"),
    ):
        procid = chart.posting(patid, proclogclass, f"-{amount}")
        values = {"Amount__c": -float(amount), field: float(amount), other: None}
        chart.loads("fullproclog", procid, record_of("ledger", procid), **values)


def opening_balance(chart: Chart) -> None:
    """What a family owed on another system came along as one line: no charge of this practice."""
    patid = chart.patient("Foreverton", "Ansgar", "1949-09-19 00:00:00", gender="1")
    procid = chart.posting(patid, "0", "310.40", proclogorder="0")
    chart.loads(
        "fullproclog", procid, record_of("ledger", procid),
        Amount__c=310.4, Transaction_Type__c="Balance Forward",
    )  # fmt: skip


def adjustments_and_late_charges(chart: Chart) -> None:
    """A discount lowers what is owed, a late charge raises it."""
    patid = chart.patient("Lateworth", "Sibylla", "1988-02-20 00:00:00")
    chart.work(patid, patid, FILLING, MOMENT, toothrangestart="3", toothrangeend="3")
    for proclogclass, amount, kind in (
        ("2", "-23.50", "Adjustment"),
        ("7", "-10.00", "Adjustment"),
        ("9", "4.25", "Charge"),
    ):
        procid = chart.posting(patid, proclogclass, amount)
        chart.loads(
            "fullproclog", procid, record_of("ledger", procid),
            Amount__c=float(amount), Transaction_Type__c=kind,
        )  # fmt: skip


def posting_of_an_unknown_kind(chart: Chart) -> None:
    """A class nobody has described: an adjustment, with its sign, reported."""
    patid = chart.patient("Oddington", "Rahel", "1976-08-08 00:00:00")
    procid = chart.posting(patid, "5", "12.00")
    record = record_of("ledger", procid)
    chart.loads("fullproclog", procid, record, Amount__c=12, Transaction_Type__c="Adjustment")
    chart.reports("fullproclog", procid, record, "not_in_picklist", "Transaction_Type__c")


def a_cent_off(chart: Chart) -> None:
    """The balance on file is a cent more than the ledger adds up to: reported, never plugged."""
    patid = chart.patient("Pennyfold", "Ida", "1959-05-15 00:00:00")
    chart.work(patid, patid, ROUTINE[1], MOMENT)
    chart.owes(patid, "110.01")
    chart.unsettled.add(patid)
    chart.expect("differs", "aging", patid, record_of("family", patid), difference="0.01")


def conditions_are_no_work(chart: Chart) -> None:
    """A chart also holds what is merely wrong with a tooth: no work, no money."""
    patid = chart.patient("Fracturewell", "Otmar", "1983-01-31 00:00:00", gender="1")
    procid = chart.work(patid, patid, CROWN, MOMENT, chartstatus="106", amt="0.00")
    chart.expect("skipped", "fullproclog", procid)


def posting_undated(chart: Chart) -> None:
    """Money without a date belongs to no month: held back."""
    patid = chart.patient("Undatedson", "Kaspar", "1952-02-22 00:00:00", gender="1")
    procid = chart.posting(patid, "1", "-15.00", procdate="some day")
    chart.unsettled.add(patid)
    chart.holds("fullproclog", procid, record_of("ledger", procid), "unreadable_date")


def work_without_an_amount(chart: Chart) -> None:
    """The fee is a word: the work happened and loads without it, the charge does not."""
    patid = chart.patient("Gratisby", "Leni", "1990-12-12 00:00:00")
    procid = chart.work(patid, patid, ROUTINE[0], MOMENT, amt="courtesy")
    chart.unsettled.add(patid)
    chart.loads("fullproclog", procid, record_of("procedure", procid), Fee__c=None)
    chart.holds("fullproclog", procid, record_of("ledger", procid), "unreadable_number")


def code_of_their_own(chart: Chart) -> None:
    """A service the practice invented a code for: kept as it is, and no CDT code."""
    patid = chart.patient("Brightling", "Svenja", "1997-07-17 00:00:00")
    procid = chart.work(patid, patid, WHITENING, MOMENT)
    record = record_of("procedure", procid)
    chart.loads(
        "fullproclog", procid, record,
        CDT_Code__c=None, Source_Code__c="BLEACH", Description__c="Whitening at home",
    )  # fmt: skip
    chart.reports("fullproclog", procid, record, "invalid_code", "CDT_Code__c")


def teeth_and_surfaces(chart: Chart) -> None:
    """Front teeth have other surfaces than back ones; milk teeth have letters; bridges span."""
    patid = chart.patient("Toothaker", "Emil", "2012-03-09 00:00:00", gender="1")
    bits = {"surfm": "1", "surfo": "1"}
    for start, end, surfaces, tooth, surface in (
        ("14", "14", bits, "14", "MO"),
        ("8", "8", bits, "8", "MI"),
        ("33", "33", bits | {"surff": "1"}, "A", "MOB"),
        ("2", "5", {}, "2-5", None),
        ("53", "53", {}, None, None),
    ):
        procid = chart.work(
            patid, patid, FILLING, MOMENT, toothrangestart=start, toothrangeend=end, **surfaces
        )
        chart.loads(
            "fullproclog", procid, record_of("procedure", procid),
            Tooth__c=tooth, Surface__c=surface,
        )  # fmt: skip


def quadrant(chart: Chart) -> None:
    """Work on a quarter of the mouth names it in words where no tooth is."""
    patid = chart.patient("Quarterman", "Jutta", "1960-10-01 00:00:00")
    procid = chart.work(patid, patid, DEEP_CLEANING, MOMENT, surfacestring="UR")
    chart.loads("fullproclog", procid, record_of("procedure", procid), Quad__c="UR", Tooth__c=None)


def existing_work(chart: Chart) -> None:
    """A crown another dentist made years ago: on the chart, not on the bill."""
    patid = chart.patient("Elsewhere", "Theres", "1955-05-25 00:00:00")
    procid = chart.work(patid, patid, CROWN, MOMENT, chartstatus="103", completiondate="")
    chart.loads(
        "fullproclog", procid, record_of("procedure", procid),
        Status__c="Existing", Completion_Date__c=None,
    )  # fmt: skip


def planned_without_a_case(chart: Chart) -> None:
    """Two fillings on the list and no case around them: one default plan for the patient."""
    patid = chart.patient("Planless", "Arno", "1985-11-05 00:00:00", gender="1")
    for tooth in ("12", "13"):
        procid = chart.work(
            patid, patid, FILLING, MOMENT, chartstatus="105", completiondate="",
            toothrangestart=tooth, toothrangeend=tooth,
        )  # fmt: skip
        chart.loads(
            "fullproclog", procid, record_of("procedure", procid),
            **{
                "Status__c": "Planned",
                "Treatment_Plan__r.Migration_Key__c": record_of("plan", f"default-{patid}"),
            },
        )  # fmt: skip
    chart.loads(
        "fullproclog", patid, record_of("plan", f"default-{patid}"), Total_Fee__c=470,
        CDT_Code__c="D2392",
    )  # fmt: skip


def case_missing(chart: Chart) -> None:
    """The case was deleted, its line was not: the line loads without a plan."""
    patid = chart.patient("Caselost", "Runa", "1991-04-14 00:00:00")
    procid = chart.work(
        patid, patid, FILLING, MOMENT, chartstatus="105", completiondate="", txcaseid="99910"
    )
    record = record_of("procedure", procid)
    chart.loads("fullproclog", procid, record, **{"Treatment_Plan__r.Migration_Key__c": None})
    chart.reports("fullproclog", procid, record, "orphan", "Treatment_Plan__r.Migration_Key__c")


def case_status_unknown(chart: Chart) -> None:
    """A word for the state of a plan that no map knows."""
    patid = chart.patient("Fairyhold", "Nele", "1979-09-29 00:00:00")
    case = chart.new_id("txcase")
    chart.add("txcase", txcaseid=case, patid=patid, descript="Implant, one day", status="3",
              createdate="2025-01-20 09:00:00", isdefault="0")  # fmt: skip
    record = record_of("plan", case)
    chart.loads("txcase", case, record, Name="Implant, one day", Status__c=None)
    chart.reports("txcase", case, record, "not_in_picklist", "Status__c")


def work_of_nobody(chart: Chart) -> None:
    """The patient was deleted, the work was not: nowhere to hang it."""
    procid = chart.work("99911", "99911", ROUTINE[0], MOMENT)
    chart.unsettled.add("99911")
    chart.holds("fullproclog", procid, record_of("procedure", procid), "orphan")
    chart.holds("fullproclog", procid, record_of("ledger", procid), "orphan")


def claims(chart: Chart) -> None:
    """Two claims are with the insurer still: they stay behind, and are counted before cutover."""
    patid = chart.patient("Claimstead", "Uwe", "1967-06-07 00:00:00", gender="1")
    insured = chart.insured(patid, chart.plan("Guardian"), "CL-1")
    chart.find("patient", patid).update(priminsuredid=insured, priminsrel="1")
    for status, kind, billed, received, effect in (
        ("2", "0", "110.00", "88.00", "settled_claim"),
        ("1", "0", "1280.00", "0.00", "open_claim"),
        ("1", "0", "235.00", "100.00", "open_claim"),
        ("1", "1", "1280.00", "0.00", "settled_claim"),
    ):
        claimid = chart.new_id("claim")
        chart.add("claim", claimid=claimid, patid=patid, provid="DDS1", insuredid=insured,
                  type=kind, primclaimid="0", dateofclaim="2026-11-03 00:00:00",
                  totalbilled=billed, totalreceived=received, status=status)  # fmt: skip
        chart.expect(effect, "claim", claimid)
