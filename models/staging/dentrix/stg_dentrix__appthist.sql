with source as (
    select
        apptid,
        parentapptid,
        modifieddate,
        deletedflag,
        _practice,
        _file,
        _line
    from {{ source('raw_dentrix', 'appthist') }}
),

final as (
    select
        _practice,
        _file,
        _line,
        -- Where a row names a parent, that is the appointment, and apptid the history's own.
        coalesce({{ id_or_null('parentapptid') }}, {{ id_or_null('apptid') }}) as apptid,
        {{ parse_timestamp('modifieddate') }} as modified_at,
        coalesce({{ parse_flag('deletedflag') }}, false) as is_deletion
    from source
)

select * from final
