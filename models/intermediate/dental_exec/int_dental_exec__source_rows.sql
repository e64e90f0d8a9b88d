{%- set domains = ['people', 'schedule', 'documents', 'money'] -%}
with final as (
    {%- for domain in domains %}
    select practice, table_name, file, line, outcome, reason
    from {{ ref('int_dental_exec__' ~ domain ~ '_source_rows') }}
    {{ "union all" if not loop.last }}
    {%- endfor %}
)

select * from final
