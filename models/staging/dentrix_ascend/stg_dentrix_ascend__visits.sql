with source as (
    select
        id,
        procedures,
        txcase,
        _practice,
        _file,
        _line
    from {{ source('raw_ascend', 'visits') }}
),

final as (
    select
        _practice,
        _file,
        _line,
        {{ id_or_null('id') }} as visit_id,
        {{ ascend_id('txcase') }} as txcase_id,
        {{ ascend_ids('procedures') }} as procedure_ids
    from source
)

select * from final
