{#-
    The letters of the surfaces that the teeth of an Ascend procedure bear, in no order: from
    letters (`MOD`) or names (`MESIAL`), under `surfaces` or `surface` (**assumption**, as for
    ascend_teeth). `V`, a class V filling, is `5`.
-#}
{% macro ascend_surfaces(x) -%}
    {{ return(adapter.dispatch('ascend_surfaces')(x)) }}
{%- endmacro %}

{% macro default__ascend_surfaces(x) -%}
    array_to_string(
        list_transform(
            regexp_extract_all(
                upper(array_to_string(list_transform(
                    coalesce(json_extract(try_cast({{ x }} as json), '$[*]'), []),
                    lambda tooth: coalesce(
                        json_extract_string(tooth, '$.surfaces'), json_extract_string(tooth, '$.surface')
                    )
                ), ' ')),
                '[A-Z0-9]+'
            ),
            lambda word: case
                when regexp_full_match(word, '[MOIDBFLV5]+') then replace(word, 'V', '5')
                when word in ('MESIAL', 'OCCLUSAL', 'INCISAL', 'DISTAL', 'BUCCAL', 'FACIAL', 'LINGUAL')
                    then word[1]
                else ''
            end
        ),
        ''
    )
{%- endmacro %}
