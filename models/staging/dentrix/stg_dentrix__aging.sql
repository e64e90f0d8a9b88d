with source as (
    select
        guarid,
        agingdate,
        aging0to30,
        aging31to60,
        aging61to90,
        aging91plus,
        _practice,
        _file,
        _line
    from {{ source('raw_dentrix', 'aging') }}
),

balances as (
    select
        *,
        {{ parse_money('aging0to30') }} as balance_0_30,
        {{ parse_money('aging31to60') }} as balance_31_60,
        {{ parse_money('aging61to90') }} as balance_61_90,
        {{ parse_money('aging91plus') }} as balance_over_90
    from source
),

final as (
    select
        _practice,
        _file,
        _line,
        {{ id_or_null('guarid') }} as guarid,
        {{ parse_date('agingdate') }} as aging_date,
        balance_0_30,
        balance_31_60,
        balance_61_90,
        balance_over_90,
        {{ problems(
            number_problems('aging0to30', 'balance_0_30', 'Balance_0_30__c')
            + number_problems('aging31to60', 'balance_31_60', 'Balance_31_60__c')
            + number_problems('aging61to90', 'balance_61_90', 'Balance_61_90__c')
            + number_problems('aging91plus', 'balance_over_90', 'Balance_Over_90__c')
        ) }} as _found
    from balances
)

select * from final
