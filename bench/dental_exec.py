"""What a Dental-Exec practice keeps most of, as the bench makes it: patients, tasks and bills. Each
table's rows follow from their number `n` alone; a row in some ten thousand is a mess."""

# Rows of TASKS and BILLING for each patient, half of them each.
ROWS_A_PATIENT = 20

VIEWS = """
    create macro us(day) as strftime(day, '%m/%d/%Y');
    create macro money(amount) as
        if(
            amount < 0,
            '(' || format('{:,.2f}', -amount::double) || ')',
            '$' || format('{:,.2f}', amount::double)
        );
    create view bills as
        select
            n, n // 10 + 1 as patient, n % 10 as turn,
            date '2014-01-01' + (n % 10 * 400 + scatter(n, 13) % 380)::int as day,
            case when n % 10 % 2 = 0 then 1 else -1 end
            * (scatter(n, 14) % 40000 / 100 + 15)::decimal(12, 2) as amount
        from range((select count(*) from patients) * 10) as numbers (n);
"""

EXPORT_YML = """\
system: dental_exec
practice: bench
practice_name: Bench Dental
kind: full
time_zone: America/New_York
encoding: utf-8
extracted_at: 2026-11-20T02:00:00-05:00
ledger_sign: charges_positive
"""

PRACTICE = {
    "patients": """
        select
            i as patient_id, 'A' || head as account_no, head as responsible_party_id,
            surname(family) as last_name, first_name(person) as first_name,
            if(i % 2 = 0, 'M', 'F') as sex,
            us(date '1950-01-01' + (scatter(person, 0) % 24000)::int) as birth_date,
            if(i = head, 'M', 'C') as marital, 100 + family % 1900 || ' ' || street(family)
                as address_1,
            'Lakewood' as city, 'OH' as state, 44000 + scatter(family, 4) % 200 as zip,
            phone(family + 7) as home_phone, phone(person) as cell_phone,
            lower(first_name(i)) || '.' || i || '@example.com' as email, 'A' as status,
            us(date '2015-01-01' + (scatter(i, 1) % 3000)::int) as first_visit,
            'D' || (i % 8 + 1) as primary_provider,
            surname(family % {carriers}) || if(i % 2 = 0, ' Mutual', ' MUTUAL INC.')
                as carrier_name,
            'G' || family as group_no, 'W' || head as subscriber_id, 0 as drug_interaction_flag,
            0 as premed_flag, money(owed.amount + if(i % 4001 = 0, 0.01, 0))
                as outstanding_balance,
            'U1' as assigned_to, '06/04/2018' as entered_date
        from patients
        left join (select patient, sum(amount) as amount from bills group by patient) as owed
            on patients.i = owed.patient""",
    "providers": """
        select
            'D' || (i + 1) as provider_id, surname(i) as last_name, first_name(i) as first_name,
            'DENTIST' as type, 'General Practice' as specialty, 'Y' as active
        from range(8) as providers (i)""",
    "users": """
        select
            'U1' as user_id, surname(1) as last_name, first_name(1) as first_name,
            'OFFICE MANAGER' as role, 'office.manager@example.com' as email, 'Y' as active""",
    "tasks": """
        select
            n + 1 as task_id, if(n % 9973 = 0, 99999999, n // 10 + 1) as patient_id,
            list_extract(['RECALL', 'CALL', 'HYGIENE', 'EMAIL', 'OTHER', 'MEETING', 'CALL',
                'OTHER', 'RECALL', 'CALL'], (n % 10 + 1)::int) as task_type,
            list_extract(['Cleaning', 'Reminder call', 'Hygiene visit', 'Sent the form',
                '6 month cleaning', 'Talk about the plan', 'Ring back', 'Ask for the card',
                'Recare', 'Insurance question'], (n % 10 + 1)::int) as subject,
            us(date '2018-01-01' + (scatter(n, 15) % 3300)::int)
            || if(n % 10 in (1, 6), ' 10:15 AM', '') as due_date,
            if(n % 3 = 0, us(date '2018-01-01' + (scatter(n, 15) % 3300)::int), '')
                as completed_date,
            if(n % 10 in (0, 2, 8), '6M', '') as "interval", 'U1' as assigned_to,
            if(n % 3 = 0, 'DONE', 'OPEN') as status,
            if(n % 4 = 0, 'Left a message, "back after five".', '') as notes,
            '01/02/2018' as created
        from range((select count(*) from patients) * 10) as numbers (n)""",
    "billing": """
        select
            n + 1 as trans_id, 'A' || patient as account_no, patient as patient_id,
            us(day) as date, if(turn % 2 = 0, 'C', 'P') as type,
            if(turn % 2 = 0, 'D1110', '') as code,
            if(turn % 2 = 0, 'Adult cleaning', 'Check') as description,
            if(n % 10007 = 10006, 'courtesy', money(amount)) as amount,
            'D' || (n % 8 + 1) as provider_id
        from bills""",
}
