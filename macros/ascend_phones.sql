{#-
    An Ascend patient's phones (`[{"phoneType": …, "number": …, "extension": …, "sequence": …}]`) in
    their order, those without a number left out: `kind` is home, work, mobile, fax or other, null
    for a word not known (**assumption**: of the words only HOME and WORK are documented), `word`
    the word itself, `number` the number as a phone is written. Null where it is no such list.
-#}
{% macro ascend_phones(x) -%}
    {{ return(adapter.dispatch('ascend_phones')(x)) }}
{%- endmacro %}

{% macro default__ascend_phones(x) -%}
    {%- set kinds = {
        'home': ['HOME'], 'work': ['WORK'], 'mobile': ['MOBILE', 'CELL'], 'fax': ['FAX'],
        'other': ['OTHER'],
    } -%}
    list_filter(
        list_transform(
            list_sort(list_transform(
                json_transform(
                    try_cast({{ x }} as json),
                    '[{"phoneType":"VARCHAR","number":"VARCHAR","extension":"VARCHAR","sequence":"VARCHAR"}]'
                ),
                lambda p, place: struct_pack(
                    rank := coalesce(try_cast(p.sequence as integer), 1000 + place),
                    place := place,
                    word := upper(trim(p.phoneType)),
                    number := p.number,
                    extension := p.extension
                )
            )),
            lambda p: struct_pack(
                kind := case
                    {%- for kind, words in kinds.items() %}
                    when p.word in ('{{ words | join("', '") }}') then '{{ kind }}'
                    {%- endfor %}
                end,
                word := p.word,
                number := {{ format_phone('p.number', ext='p.extension') }}
            )
        ),
        lambda p: p.number is not null
    )
{%- endmacro %}
