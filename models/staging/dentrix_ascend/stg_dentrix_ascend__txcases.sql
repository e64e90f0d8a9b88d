with source as (
    select
        id,
        name,
        status,
        patient,
        procedures,
        _practice,
        _file,
        _line
    from {{ source('raw_ascend', 'txcases') }}
),

final as (
    select
        _practice,
        _file,
        _line,
        {{ id_or_null('id') }} as txcase_id,
        {{ ascend_id('patient') }} as patid,
        {{ clean_text('name') }} as name,
        {{ clean_text('status') }} as status,
        {{ ascend_ids('procedures') }} as procedure_ids
    from source
)

select * from final
