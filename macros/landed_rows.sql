{#-
    Rows of a source table (of G-series, or of another `folder` of raw/), for a unit test: `rows`
    gives those of `columns`, every other column is null. dbt cannot look up the columns of a set of
    Parquet files; the empty file that every landed table has knows them.
-#}
{% macro landed_rows(table, columns, rows, folder='dentrix') -%}
    select * from (values {{ rows }}) as given ({{ columns }})
    union all by name
    select * from read_parquet('{{ raw_path(folder ~ "/" ~ table ~ "/~none.parquet") }}')
{%- endmacro %}
