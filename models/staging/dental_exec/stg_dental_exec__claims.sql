with source as (
    select
        claim_id,
        patient_id,
        carrier_name,
        claim_date,
        billed,
        received,
        status,
        _practice,
        _file,
        _line
    from {{ source('raw_dental_exec', 'claims') }}
),

states as (
    select * from {{ ref('dental_exec__claim_status') }}
),

read as (
    select
        *,
        {{ read_timestamp('claim_date') }} as claim_read,
        {{ parse_money('billed') }} as billed_read,
        {{ parse_money('received') }} as received_read,
        {{ words_of('status') }} as status_words
    from source
),

-- A word nobody knows counts as open.
judged as (
    select
        read.*,
        coalesce(states.state = 'closed', false) as is_closed,
        read.status_words is not null and states.word is null as status_is_unknown,
        {{ parse_date('read.claim_date', read='claim_read') }} as claimed_on
    from read
    left join states on read.status_words = states.word
),

final as (
    select
        _practice,
        _file,
        _line,
        {{ id_or_null('claim_id') }} as claim_id,
        {{ id_or_null('patient_id') }} as patient_id,
        {{ clean_text('carrier_name') }} as carrier_name,
        is_closed,
        claimed_on as claim_date,
        billed_read as billed,
        received_read as received,
        -- A claim is no record: its problems name the columns of open_claims.
        {{ problems(
            date_problems('claim_date', 'claimed_on', 'claim_read', 'claim_date')
            + number_problems('billed', 'billed_read', 'billed')
            + number_problems('received', 'received_read', 'received')
            + [('status_is_unknown', problem('not_in_picklist', 'status', 'status'))]
        ) }} as _found
    from judged
)

select * from final
