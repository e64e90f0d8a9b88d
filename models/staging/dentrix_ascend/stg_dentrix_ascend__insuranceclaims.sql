with source as (
    select
        id,
        claimstate,
        ispredetermination,
        totalcharges,
        amountpaid,
        servicedate,
        sentdate,
        created,
        payorname,
        patient,
        _practice,
        _file,
        _line
    from {{ source('raw_ascend', 'insuranceclaims') }}
),

practices as (
    select practice, time_zone
    from {{ ref('stg_migration__practices') }}
),

states as (
    select * from {{ ref('dentrix_ascend__claim_state') }}
),

-- A claim is of the day it was sent, else of the day it was made, else of the work's.
dated as (
    select
        *,
        coalesce(
            {{ clean_text('sentdate') }}, {{ clean_text('created') }}, {{ clean_text('servicedate') }}
        ) as claimed,
        {{ words_of('claimstate') }} as state_words,
        {{ parse_money('totalcharges') }} as billed,
        {{ parse_money('amountpaid') }} as received
    from source
),

read as (
    select
        *,
        {{ read_timestamp('claimed') }} as claim_read
    from dated
),

-- A word nobody knows counts as open.
judged as (
    select
        read.*,
        coalesce(states.state = 'closed', false) as is_closed,
        {{ ascend_date('read.claimed', 'practices.time_zone', read='claim_read') }} as claim_date
    from read
    left join practices on read._practice = practices.practice
    left join states on read.state_words = states.word
),

final as (
    select
        _practice,
        _file,
        _line,
        {{ id_or_null('id') }} as claim_id,
        {{ ascend_id('patient') }} as patid,
        {{ clean_text('payorname') }} as carrier_name,
        coalesce({{ parse_flag('ispredetermination') }}, false) as is_predetermination,
        is_closed,
        claim_date,
        billed,
        received,
        {{ problems(
            date_problems('claimed', 'claim_date', 'claim_read', 'claim_date')
            + number_problems('totalcharges', 'billed', 'billed')
            + number_problems('amountpaid', 'received', 'received')
        ) }} as _found
    from judged
)

select * from final
