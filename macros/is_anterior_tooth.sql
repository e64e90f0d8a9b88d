{#- Whether the tooth of a number (see tooth_number) is one of the front: 6-11, 22-27, C-H, M-R. -#}
{% macro is_anterior_tooth(number) -%}
    coalesce(
        {{ number }} between 6 and 11 or {{ number }} between 22 and 27
        or {{ number }} between 35 and 40 or {{ number }} between 45 and 50,
        false
    )
{%- endmacro %}
