with source as (
    select
        id,
        type,
        date,
        creationdate,
        amount,
        description,
        note,
        patientid,
        guarantorid,
        procedureid,
        isvoided,
        isdeleted,
        _practice,
        _file,
        _line,
        _set
    from {{ source('raw_ascend', 'transactions') }}
),

practices as (
    select practice, time_zone
    from {{ ref('stg_migration__practices') }}
),

-- `PAYMENT_INSURANCE` and `Payment - insurance` are the same words.
read as (
    select
        *,
        {{ words_of('type') }} as type_words,
        {{ parse_money('amount') }} as amount_read,
        {{ read_timestamp('date') }} as date_read,
        {{ read_timestamp('creationdate') }} as creation_read
    from source
),

types as (
    select type_words
    from read
    where type_words is not null
    group by type_words
),

-- Of the words a type begins with, the longest decides.
known_types as (
    select
        types.type_words,
        max_by(words.transaction_type, length(words.word)) as transaction_type,
        max_by(coalesce(words.payer, ''), length(words.word)) as payer
    from types
    inner join {{ ref('dentrix_ascend__transaction_type') }} as words
        on types.type_words = words.word or starts_with(types.type_words, words.word || ' ')
    group by types.type_words
),

judged as (
    select
        read.*,
        known_types.transaction_type,
        -- Whose payment it is may stand in the description only.
        case
            when known_types.transaction_type = 'Payment' then coalesce(
                nullif(known_types.payer, ''),
                case
                    when contains(lower(concat_ws(' ', read.type, read.description)), 'insurance')
                        then 'insurance'
                    else 'patient'
                end
            )
        end as payer,
        {{ ascend_date('read.date', 'practices.time_zone', read='date_read') }} as ledger_date,
        {{ ascend_date('read.creationdate', 'practices.time_zone', read='creation_read') }} as entry_date
    from read
    left join practices on read._practice = practices.practice
    left join known_types on read.type_words = known_types.type_words
),

final as (
    select
        _practice,
        _file,
        _line,
        _set,
        {{ id_or_null('id') }} as transaction_id,
        transaction_type,
        payer,
        amount_read as amount,
        {{ ascend_id('patientid') }} as patid,
        {{ ascend_id('guarantorid') }} as guarid,
        {{ ascend_id('procedureid') }} as procedure_id,
        ledger_date,
        entry_date,
        coalesce({{ clean_text('description') }}, {{ clean_text('note') }}) as description,
        coalesce({{ parse_flag('isvoided') }}, false) as is_voided,
        coalesce({{ parse_flag('isdeleted') }}, false) as is_deleted,
        {{ problems(
            date_problems('date', 'ledger_date', 'date_read', 'Ledger_Date__c')
            + date_problems('creationdate', 'entry_date', 'creation_read', 'Entry_Date__c')
            + number_problems('amount', 'amount_read', 'Amount__c')
            + [(
                'transaction_type is null',
                problem('not_in_picklist', 'Transaction_Type__c', 'type'),
            )]
        ) }} as _found
    from judged
)

select * from final
