with source as (
    select
        attachid,
        docid,
        attachtotype,
        attachtoentityid,
        _practice,
        _file,
        _line
    from {{ source('raw_dentrix', 'docattach') }}
),

final as (
    select
        _practice,
        _file,
        _line,
        {{ id_or_null('attachid') }} as attachid,
        {{ id_or_null('docid') }} as docid,
        -- Documents hang on providers and on insurance plans too; 1 is a patient.
        coalesce({{ parse_integer('attachtotype') }} = 1, false) as is_attached_to_patient,
        case
            when {{ parse_integer('attachtotype') }} = 1 then {{ id_or_null('attachtoentityid') }}
        end as attached_to_patid,
        {{ no_problems() }} as _found
    from source
)

select * from final
