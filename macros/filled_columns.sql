{#-
    How many rows of landed tables hold something in each of their columns: practice, table_name,
    column_name, filled, total. A pass a table, which reads its files by their place in raw/: what
    is counted is what landed, column by column, whatever models make of it. `folder` is the tables'
    folder of raw/.
-#}
{% macro filled_columns(folder, tables) -%}
    {{ return(adapter.dispatch('filled_columns')(folder, tables)) }}
{%- endmacro %}

{% macro default__filled_columns(folder, tables) -%}
    {%- for table in tables %}
    select
        _practice as practice,
        '{{ table }}' as table_name,
        column_name,
        filled,
        _total as total
    from (
        select
            _practice,
            count(*) as _total,
            count(nullif(trim(columns('^[^_].*')), '')) as "\0"
        from read_parquet('{{ raw_path(folder ~ "/" ~ table ~ "/*.parquet") }}')
        group by _practice
    ) unpivot include nulls (filled for column_name in (* exclude (_practice, _total)))
    {{ "union all" if not loop.last }}
    {%- endfor %}
{%- endmacro %}
