"""What a Dentrix practice keeps besides its people, as the bench makes it: each table's rows follow
from their number `n` alone. A row in some ten thousand is a mess of the kinds real exports have."""

# Rows of all files for each patient: some 27 lines of the ledger, six appointments, five notes.
RAW_ROWS_A_PATIENT = 49

_TODAY = "date '2026-11-20'"

# Whose row it is and which of theirs, of tables that have so many rows for each patient.
VIEWS = """
    create view lines as
        select n, n * 2 // 55 + 1 as patient, n * 2 % 55 // 2 as turn
        from range((select count(*) from patients) * 55 // 2) as numbers (n);
    create view ledger as
        select
            *,
            (patient - 1) // {family_size} * {family_size} + 1 as head,
            date '2012-01-01' + (turn * 190 + scatter(n, 13) % 180)::int as day,
            case
                when turn < 14 then 102 when turn < 22 then 90 when turn < 26 then 105 else 103
            end as chartstatus,
            case
                when turn not between 14 and 21 then 0
                when turn = 14 and n % 4 = 0 then 0
                when turn = 21 then 2
                else turn % 2 * 2 + 1
            end as class,
            case
                when turn between 15 and 21 then -1 else 1
            end * (scatter(n, 14) % 40000 / 100 + 15)::decimal(12, 2) as amount
        from lines;
    create macro of_each(rows) as table
        select n, n // rows + 1 as patient, n % rows as turn
        from range((select count(*) from patients) * rows) as numbers (n);
    create macro midnight(day) as day || ' 00:00:00';
    create macro dentist(n) as 'DDS' || (n % 8 + 1);
    create macro tooth(n) as if(n % 4 = 0, 0, n % 32 + 1);
    create macro word(n) as list_extract(
        ['prophylaxis', 'composite', 'crown preparation', 'extraction', 'root canal', 'sealant',
        'periodontal maintenance', 'implant consultation', 'bitewings', 'emergency'],
        (n % 10 + 1)::int
    );
    create macro sentences(n, number) as repeat(
        'Patient presented for ' || word(n) || '. Reviewed medical history; no change reported. '
        || 'Tooth #' || tooth(n) || ' isolated, two carpules 2% lidocaine with epi. ', number
    );
"""

PRACTICE = {
    "aging": """
        select
            head as guarid, '2026-11-19 00:00:00' as agingdate,
            sum(amount) + if(head % 4001 = 0, 0.01, 0) as aging0to30,
            '0.00' as aging31to60, '0.00' as aging61to90, '0.00' as aging91plus
        from ledger
        where chartstatus in (90, 102)
        group by head""",
    "fullproclog": """
        select
            n + 1 as procid, midnight(day) as automodifiedtimestamp,
            if(n % 30011 = 7, patient + 100000000, patient) as patid, head as guarid, chartstatus,
            class as proclogclass, if(chartstatus = 90, scatter(n, 15) % 12 + 1, 0) as proclogorder,
            if(n % 20011 = 3, '0000-00-00', midnight(day)) as procdate,
            midnight(day) as createdate, if(chartstatus = 102, midnight(day), '') as completiondate,
            if(chartstatus = 90, 0, scatter(n, 16) % 300 + 1) as proccodeid,
            if(n % 40009 = 5, 'n/a', amount::varchar) as amt,
            if(chartstatus = 102, (amount / 2)::decimal(12, 2), 0) as amtpriminspaid,
            '0.00' as amtsecinspaid,
            if(n % 10007 = 1, 'GONE', dentist(patient)) || '  ' as provid,
            if(chartstatus = 90, 0, tooth(scatter(n, 17))) as toothrangestart,
            if(chartstatus = 90, 0, tooth(scatter(n, 17))) as toothrangeend,
            n % 2 as surfm, n % 3 % 2 as surfo, n % 5 % 2 as surfd, 0 as surfl, 0 as surff,
            0 as surf5,
            if(scatter(n, 17) % 4 = 0, list_extract(['UR', 'UL', 'LL', 'LR'], n % 4 + 1), '')
                as surfacestring,
            if(class = 3, patient, 0) as claimid,
            if(turn in (22, 23) and patient % 2 = 0, patient // 2, 0) as txcaseid,
            if(class = 1 and n % 3 = 0, n % 9000 + 1000, null) as checknum,
            (turn < 4)::int as history
        from ledger""",
    "proccode": """
        select
            n + 1 as proccodeid,
            if(n % 100 = 99, 'EXAM' || n, 'D' || lpad((100 + n * 31)::varchar, 4, '0')) || ' '
                as adacode,
            word(n) as abbrevdescript, 'Our words for ' || word(n) || ' ' || n as descript,
            n % 12 as category, 1 as treatmentarea
        from range(300) as codes (n)""",
    "payment_type": """
        select n + 1 as def_id, list_extract(['Check', 'Cash', 'Card', 'Insurance'], n % 4 + 1)
            || ' payment ' || n as descript
        from range(12) as types (n)""",
    "adjustment_type": """
        select n + 1 as def_id, 'Write-off ' || n as descript from range(12) as types (n)""",
    "txcase": """
        select
            n + 1 as txcaseid, (n + 1) * 2 as patid, 'Phase ' || (n % 3 + 1) as descript,
            n % 4 + 1 as status, midnight(date '2024-01-01' + (scatter(n, 18) % 900)::int)
                as createdate,
            0 as isdefault, dentist(n) as provid
        from range((select count(*) from patients) // 2) as cases (n)""",
    "txcase_status": """
        select
            n + 1 as defid,
            list_extract(['Proposed', 'Accepted', 'Completed', 'Rejected'], n + 1) as descript
        from range(4) as statuses (n)""",
    "appt": f"""
        select
            n + 1 as apptid, midnight(day) as automodifiedtimestamp, day as apptdate,
            8 + scatter(n, 19) % 9 as timehr, scatter(n, 20) % 6 * 10 as timemin,
            if(n % 5003 = 0, 0, 30 + n % 4 * 15) as apptlen, 'OP' || (n % 6 + 1) as opid,
            dentist(n) as provid,
            case when n % 101 = 0 then 0 when n % 30013 = 0 then 100000000 else patient end
                as patid,
            if(n % 202 = 0, 'New, Patient ' || n, '') as patname,
            case when day < {_TODAY} then -106 else n % 3 + 1 end as status,
            if(n % 25 = 0, n % 2 + 1, 0) as apptbrokenclass, n % 13 as appttype,
            word(n) as apptreason, n * 3 + 1 as codeid1, 1 as codetype1, '120.00' as amt,
            midnight(day - 30) as createdate,
            if(n % 3 = 0, 'Call the day before; parking behind the house.', '') as note
        from (
            select
                *,
                date '2022-01-01' + (turn * 320 + scatter(n, 21) % 300)::int as day
            from of_each(6)
        )""",
    "appt_status": """
        select n + 1 as defid, list_extract(['Unconfirmed', 'Confirmed', 'Left message'], n + 1)
            as descript
        from range(3) as statuses (n)""",
    "appt_type": """
        select n + 1 as defid, word(n) || ' visit' as descript from range(12) as types (n)""",
    "appthist": """
        select
            n * 13 + 1 as apptid, n * 13 + 1 as parentapptid, '2025-03-04 10:11:12' as modifieddate,
            1 as status, (n % 50 = 0)::int as deletedflag
        from range((select count(*) from patients) * 6 // 13) as changes (n)""",
    "operatory": """
        select 'OP' || (n + 1) as op_id, 'Room ' || (n + 1) as op_title
        from range(6) as rooms (n)""",
    "clinicalnote": """
        select
            n + 1 as cnotesid, written as automodifiedtimestamp, patient as patid,
            dentist(n) as provid, written as createdatetime, written as entrydatetime,
            if(n % 4 = 0, '', written::varchar) as lockeddate,
            sentences(n, if(n % 100003 = 11, 300, 1 + scatter(n, 22) % 4)::int) as notetext
        from (
            select
                *,
                timestamp '2018-01-01' + to_minutes((scatter(n, 23) % 4500000)::int) as written
            from of_each(5)
        )""",
    "contact": """
        select
            n + 1 as contactid,
            strftime(date '2023-01-01' + (scatter(n, 24) % 1400)::int, '%m/%d/%Y') as contactdate,
            480 + scatter(n, 25) % 540 as contacttime, patient as patid, dentist(n) as provid,
            'Spoke about ' || word(n) as title, n % 5 + 1 as contacttype,
            'Will call back after ' || word(n + 1) || '.' as note
        from of_each(2)""",
    "recalltype": """
        select
            n + 1 as recallid, 0 as patid, upper(word(n)) as name, 'Recall for ' || word(n)
            as descript, 'months' as unit, 3 * (n % 4 + 1) as qty, n % 2 as provtype, 1 as status
        from range(8) as types (n)""",
    "recallpending": """
        select
            n % 8 + 1 as recallid, patient as patid, '2026-01-02 00:00:00' as setdate,
            midnight(date '2026-06-01' + (scatter(n, 26) % 500)::int) as duedate,
            '2026-01-01 00:00:00' as priordate, dentist(n) as provid, 1 as status
        from of_each(1)""",
    "medalert": """
        select n as defid, 'Condition ' || n as descript from range(40) as alerts (n)""",
    "hhitem": """
        select
            n + 1 as itemid, n % 3 + 1 as hhtype,
            list_extract(['Hypertension', 'Allergy to ', 'Takes '], n % 3 + 1) || n as description,
            n % 2 as critical
        from range(60) as items (n)""",
    "hhlinkpat_item": """
        select
            n + 1 as linkid, patient as patid, scatter(n, 27) % 60 + 1 as hhitemid,
            if(n % 9 = 0, 2, 1) as status, '2024-05-06 00:00:00' as reporteddate,
            '2024-05-06 00:00:00' as startdate, '9999-12-31 00:00:00' as enddate,
            if(n % 4 = 0, 'Told by the physician.', '') as note, n % 2 as critical
        from of_each(1)""",
    "document": """
        select
            n + 1 as docid, n % 5 + 1 as doctypeid, 'Image of ' || word(n) as descript,
            midnight(date '2020-01-01' + (scatter(n, 28) % 2400)::int) as createdate
        from of_each(1)""",
    "docattach": """
        select n + 1 as attachid, n + 1 as docid, 1 as attachtotype, patient as attachtoentityid
        from of_each(1)""",
    "document_files": """
        select
            n + 1 as docid, 'images' || chr(92) || n % 1000 || chr(92) || n || '.jpg' as path
        from of_each(1)""",
    "doccat": """
        select n + 1 as dcdoctypeid, word(n) || ' images' as name from range(5) as kinds (n)""",
    "claim": """
        select
            n + 1 as claimid, patient as patid, dentist(n) as provid, n % {plans} + 1 as insid,
            n // 4 + 1 as insuredid, 0 as type, 0 as primclaimid,
            midnight(date '2026-01-01' + (scatter(n, 29) % 320)::int) as dateofclaim,
            if(n % 40 = 0, '', '2026-11-01 00:00:00') as datereceived, '180.00' as totalbilled,
            if(n % 40 = 0, '0.00', '150.00') as totalreceived, if(n % 40 = 0, 1, 2) as status
        from of_each(1)""",
}
