{#-
    The surfaces of a tooth in the order dentists write them, M, O, D, B, L, 5; on front teeth the
    second is I and the fourth F. `marks` gives for M, O, D, B, L and 5 the condition that it is
    marked; null where none is.
-#}
{% macro surface_letters(marks, is_anterior) -%}
    nullif(
        case when {{ marks['M'] }} then 'M' else '' end
        || case when {{ marks['O'] }} then case when {{ is_anterior }} then 'I' else 'O' end else '' end
        || case when {{ marks['D'] }} then 'D' else '' end
        || case when {{ marks['B'] }} then case when {{ is_anterior }} then 'F' else 'B' end else '' end
        || case when {{ marks['L'] }} then 'L' else '' end
        || case when {{ marks['5'] }} then '5' else '' end,
        ''
    )
{%- endmacro %}

{#- The marks of surface_letters where they stand as letters in a text, in any order. -#}
{% macro surface_marks(letters) -%}
    {{ return({
        'M': "contains(" ~ letters ~ ", 'M')",
        'O': "contains(" ~ letters ~ ", 'O') or contains(" ~ letters ~ ", 'I')",
        'D': "contains(" ~ letters ~ ", 'D')",
        'B': "contains(" ~ letters ~ ", 'B') or contains(" ~ letters ~ ", 'F')",
        'L': "contains(" ~ letters ~ ", 'L')",
        '5': "contains(" ~ letters ~ ", '5')",
    }) }}
{%- endmacro %}
