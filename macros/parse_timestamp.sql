{#-
    A date and time as a timestamp without zone: the practice's wall clock. Null where the column
    says "none", cannot be read, or names a year no dental record can be of: see date_problems,
    which tells these apart. `read`: a column that holds read_timestamp's answer already.

    A time that bears a zone of its own (`Z`, `-06:00`) is set to the wall clock of `time_zone`
    where one is given, and stands as written where not.
-#}
{% macro parse_timestamp(x, birth=false, today='current_date', time_zone=none, read=none) -%}
    {{ return(adapter.dispatch('parse_timestamp')(x, birth, today, time_zone, read)) }}
{%- endmacro %}

{% macro default__parse_timestamp(x, birth=false, today='current_date', time_zone=none, read=none) -%}
    {%- set read = read or read_timestamp(x, birth, today) -%}
    case
        when {{ read }} between date '1850-01-01' and {{ today if birth else "date '2200-01-01'" }}
            {#- The two dates that mean "none" and lie within. #}
            and ({{ read }})::date not in (date '1899-12-30', date '1899-12-31')
            then
            {%- if time_zone %} case
                when regexp_matches({{ x }}, ':[0-9.]+\s*(Z|z|[+-][0-9]{2}:?[0-9]{2})\s*$') then coalesce(
                    timezone({{ time_zone }}, try_cast({{ clean_text(x) }} as timestamptz)),
                    {{ read }}
                )
                else {{ read }}
            end
            {%- else %} {{ read }}
            {%- endif %}
    end
{%- endmacro %}
