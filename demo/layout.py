"""How the practice's files look: columns, separators, encodings, and the oddities of each file."""

from demo.files import FileLayout

COLUMNS: dict[str, tuple[str, ...]] = {
    table: tuple(columns.split())
    for table, columns in {
        "patient": """patid automodifiedtimestamp patguid famid guarid isguar isheadofhouse
            lastname firstname mi prefname salutation title chartnum provid1 provid2 gender status
            fampos birthdate firstvisitdate lastvisitdate addrid billaddrid workphone workext pager
            otherphone fax emailaddr privacyflags missedappt medalertmask1 medalertmask2
            priminsuredid secinsuredid priminsrel secinsrel createdate note""",
        "address": "addrid street1 street2 city state zipcode country phone phoneext",
        "provider": """provider_id last_name first_name mi suffix specialty_id issecondaryprovider
            isnonperson inactive npi state_id work_phone email crm_login""",
        "provider_email": "provider_id email crm_login",
        "staff": "staff_id last_name first_name title inactive email crm_login",
        "specialty": "defid description",
        "referral": "refid reftype lastname firstname nonpersonflag specialty_id email phone",
        "inscarrier": """insid insconame groupname groupnum street1 street2 city state zipcode
            phone payerid instype""",
        "insured": "insuredid insplanid inspartyid idnum eligibilitystart eligibilityend",
        "aging": "guarid agingdate aging0to30 aging31to60 aging61to90 aging91plus",
        "operatory": "op_id op_title",
        "appt": """apptid automodifiedtimestamp apptdate timehr timemin apptlen opid provid addlprov
            patid patname phone status apptbrokenclass brokendate appttype apptreason codeid1
            codetype1 amt createdate note""",
        "appt_status": "defid descript",
        "appt_type": "defid descript",
        "appthist": "apptid parentapptid modifieddate status deletedflag",
        "fullproclog": """procid automodifiedtimestamp patid guarid chartstatus proclogclass
            proclogorder procdate createdate completiondate proccodeid amt amtpriminspaid
            amtsecinspaid provid toothrangestart toothrangeend surfm surfo surfd surfl surff surf5
            surfacestring claimid txcaseid checknum history""",
        "proccode": "proccodeid adacode abbrevdescript descript category treatmentarea",
        "payment_type": "def_id descript",
        "txcase": "txcaseid patid descript status createdate isdefault",
        "txcase_status": "defid descript",
        "clinicalnote": """cnotesid automodifiedtimestamp patid provid createdatetime entrydatetime
            lockeddate notetext txcaseid""",
        "claim": """claimid patid provid insid insuredid type primclaimid dateofclaim datereceived
            totalbilled totalreceived status""",
        "document": "docid doctypeid descript createdate",
        "docattach": "attachid docid attachtotype attachtoentityid",
        "document_files": "docid path",
        "doccat": "dcdoctypeid name",
        "medalert": "defid descript",
        "hhitem": "itemid hhtype description critical",
        "hhlinkpat_item": """linkid patid hhitemid status reporteddate startdate enddate note
            critical""",
        "recalltype": "recallid patid name descript unit qty provtype status",
        "recallpending": "recallid patid setdate duedate priordate provid status",
        "contact": "contactid contactdate contacttime patid provid title contacttype note",
        "custom_fields": "entity entity_id field_name field_type value",
    }.items()
}
"""Table to its columns, the primary key first. Every other table of the product is missing."""

FILES: dict[str, FileLayout] = {
    "patient": FileLayout(
        "Patient.CSV",
        newline="\r\n",
        headers={"lastname": " LastName ", "firstname": "FIRSTNAME", "emailaddr": "EmailAddr"},
        padded={"lastname": 21, "provid1": 5},
        # SSN and licence must never land; `status` twice: the first one counts.
        extra=(
            ("SSN", "000-00-0000"),
            ("Driver's License", "X000-0000-0000"),
            ("feesched", "1"),
            ("status", "0"),
            ("_unused1", ""),
        ),
        tail="Total records: {rows}\r\n",
    ),
    "address": FileLayout(
        "address.csv", newline="\r\n", quote_all=True, padded={"street1": 30, "city": 25}
    ),
    "provider": FileLayout("provider.tsv", delimiter="\t"),
    "provider_email": FileLayout("provider_email.csv", delimiter=";"),
    "staff": FileLayout("staff.csv"),
    "specialty": FileLayout("SPECIALTY.csv"),
    "referral": FileLayout("referral.tsv", delimiter="\t", newline="\r\n"),
    # An emoji stands in it, so it is UTF-8; the byte order mark says so.
    "inscarrier": FileLayout("inscarrier.csv", encoding="utf-8-sig", padded={"insconame": 32}),
    # The disk was full: the last line stops in the middle of a cell.
    "insured": FileLayout("insured.csv", tail='99999,201,"105'),
    "aging": FileLayout("aging.txt", delimiter="|", tail="Total records: 900\n"),
    "operatory": FileLayout("operatory.csv", padded={"op_title": 21}),
    "appt": FileLayout("appt.csv", newline="\r\n", extra=(("opcolor", "7"),)),
    "appt_status": FileLayout("v_appt_status_codes.csv"),
    "appt_type": FileLayout("appt_type.csv"),
    "appthist": FileLayout("appthist.csv"),
    "fullproclog": FileLayout("fullproclog.csv", newline="\r\n"),
    "proccode": FileLayout("proccode.csv", padded={"adacode": 10}),
    "payment_type": FileLayout("v_payment_types.csv", delimiter=";"),
    "txcase": FileLayout("txcase.csv"),
    "txcase_status": FileLayout("txcase_status.csv"),
    "clinicalnote": FileLayout("clinicalnote.csv", encoding="utf-8-sig", quote_all=True),
    "claim": FileLayout("claim.csv"),
    "document": FileLayout("document.csv"),
    "docattach": FileLayout("docattach.csv"),
    "document_files": FileLayout("document_files.txt", delimiter="|"),
    "doccat": FileLayout("doccat.csv"),
    "medalert": FileLayout("medalert.csv"),
    "hhitem": FileLayout("hhitem.csv"),
    "hhlinkpat_item": FileLayout("hhlinkpat_item.csv"),
    "recalltype": FileLayout("recalltype.csv"),
    "recallpending": FileLayout("recallpending.csv"),
    "contact": FileLayout("contact.csv", newline="\r\n", quote_all=True),
    "custom_fields": FileLayout("custom_fields.csv"),
}
