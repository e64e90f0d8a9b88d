{%- set keys = {
    'stg_dental_exec__appointments': ('Event', 'appt_id'),
    'stg_dental_exec__tasks': ('Task', 'task_id'),
} -%}
with rows_without_key as (
    {{ rows_without_key(keys) }}
),

final as (
    {{ loose_problems('rows_without_key') }}
)

select * from final
