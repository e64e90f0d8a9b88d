with source as (
    select
        entity,
        entity_id,
        field_name,
        field_type,
        _practice,
        _file,
        _line
    from {{ source('raw_dentrix', 'custom_fields') }}
),

final as (
    select
        _practice,
        _file,
        _line,
        {{ clean_text('entity') }} as entity,
        {{ clean_text('entity_id') }} as entity_id,
        {{ clean_text('field_name') }} as field_name,
        {{ clean_text('field_type') }} as field_type,
        {{ no_problems() }} as _found
    from source
)

select * from final
