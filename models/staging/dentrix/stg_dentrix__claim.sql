with source as (
    select
        claimid,
        patid,
        insid,
        type,
        dateofclaim,
        totalbilled,
        totalreceived,
        status,
        _practice,
        _file,
        _line
    from {{ source('raw_dentrix', 'claim') }}
),

read as (
    select
        *,
        {{ read_timestamp('dateofclaim') }} as claim_read,
        {{ parse_money('totalbilled') }} as billed,
        {{ parse_money('totalreceived') }} as received
    from source
),

judged as (
    select
        *,
        {{ parse_date('dateofclaim', read='claim_read') }} as claim_date
    from read
),

final as (
    select
        _practice,
        _file,
        _line,
        {{ id_or_null('claimid') }} as claimid,
        {{ id_or_null('patid') }} as patid,
        {{ id_or_null('insid') }} as insid,
        coalesce({{ parse_integer('type') }} = 1, false) as is_predetermination,
        coalesce({{ parse_integer('status') }} = 2, false) as is_received,
        claim_date,
        billed,
        received,
        -- A claim is no record: its problems name the columns of open_claims.
        {{ problems(
            date_problems('dateofclaim', 'claim_date', 'claim_read', 'claim_date')
            + number_problems('totalbilled', 'billed', 'billed')
            + number_problems('totalreceived', 'received', 'received')
        ) }} as _found
    from judged
)

select * from final
