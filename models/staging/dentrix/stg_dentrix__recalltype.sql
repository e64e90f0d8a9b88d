with source as (
    select
        recallid,
        patid,
        name,
        descript,
        unit,
        qty,
        provtype,
        status,
        _practice,
        _file,
        _line
    from {{ source('raw_dentrix', 'recalltype') }}
),

counted as (
    select
        *,
        {{ parse_integer('qty') }} as quantity
    from source
),

final as (
    select
        _practice,
        _file,
        _line,
        {{ id_or_null('recallid') }} as recallid,
        -- Null: the practice's template.
        {{ id_or_null('patid') }} as patid,
        {{ clean_text('name') }} as name,
        {{ clean_text('descript') }} as description,
        lower({{ clean_text('unit') }}) as unit_word,
        case when quantity > 0 then quantity end as quantity,
        lower({{ clean_text('provtype') }}) as provider_type_word,
        lower({{ clean_text('status') }}) as status_word,
        {{ problems(
            number_problems('qty', 'quantity', 'Recall_Rule__c', whole=true)
            + [('quantity < 0', problem('out_of_range', 'Recall_Rule__c', 'qty'))]
        ) }} as _found
    from counted
)

select * from final
