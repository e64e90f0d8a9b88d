with source as (
    select
        trans_id,
        patient_id,
        "date",
        "type",
        code,
        description,
        amount,
        provider_id,
        tx_hist_id,
        _practice,
        _file,
        _line,
        _set
    from {{ source('raw_dental_exec', 'billing') }}
),

types as (
    select * from {{ ref('dental_exec__transaction_type') }}
),

-- What is asked more than one thing of is read once.
read as (
    select
        *,
        {{ parse_money('amount') }} as amount_read,
        {{ read_timestamp('"date"') }} as date_read,
        {{ words_of('"type"') }} as type_words
    from source
),

judged as (
    select
        read.*,
        types.transaction_type,
        {{ parse_date('read."date"', read='date_read') }} as billed_on
    from read
    left join types on read.type_words = types.word
),

final as (
    select
        _practice,
        _file,
        _line,
        _set,
        {{ id_or_null('trans_id') }} as trans_id,
        {{ id_or_null('patient_id') }} as patient_id,
        {{ id_or_null('provider_id') }} as provider_id,
        {{ id_or_null('tx_hist_id') }} as history_id,
        transaction_type,
        amount_read as amount,
        billed_on,
        {{ clean_text('code') }} as source_code,
        {{ clean_text('description') }} as description,
        {{ problems(
            date_problems('"date"', 'billed_on', 'date_read', 'Date__c')
            + number_problems('amount', 'amount_read', 'Amount__c')
            + [
                (
                    clean_text('"type"') ~ ' is null',
                    problem('missing_required', 'Type__c'),
                ),
                (
                    clean_text('"type"') ~ ' is not null and transaction_type is null',
                    problem('not_in_picklist', 'Type__c', '"type"'),
                ),
            ]
        ) }} as _found
    from judged
)

select * from final
