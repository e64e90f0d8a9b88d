{#-
    Text without marks, in compatibility form: what Unicode's NFKD leaves when its combining marks
    are dropped. DuckDB strips marks but knows no NFKD, so the forms that people type or programs
    put in (ligatures, trade marks, superscripts, full-width letters) are translated here.
-#}
{% macro without_marks(text) -%}
    {{ return(adapter.dispatch('without_marks')(text)) }}
{%- endmacro %}

{% macro default__without_marks(text) -%}
    {%- set full_width = 'ＡＢＣＤＥＦＧＨＩＪＫＬＭＮＯＰＱＲＳＴＵＶＷＸＹＺ'
        ~ 'ａｂｃｄｅｆｇｈｉｊｋｌｍｎｏｐｑｒｓｔｕｖｗｘｙｚ０１２３４５６７８９＆' -%}
    {%- set half_width = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'
        ~ 'abcdefghijklmnopqrstuvwxyz0123456789&' -%}
    {%- set several = {
        'ﬁ': 'fi', 'ﬂ': 'fl', 'ﬀ': 'ff', 'ﬃ': 'ffi', 'ﬄ': 'ffl', '™': 'tm', '℠': 'sm', '№': 'no',
    } -%}
    {%- set ns = namespace(text="translate(strip_accents(" ~ text ~ "), '"
        ~ full_width ~ "¹²³ªº', '" ~ half_width ~ "123ao')") -%}
    {%- for form, letters in several.items() -%}
        {%- set ns.text = "replace(" ~ ns.text ~ ", '" ~ form ~ "', '" ~ letters ~ "')" -%}
    {%- endfor -%}
    {{ ns.text }}
{%- endmacro %}
