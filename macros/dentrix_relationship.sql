{#- Relationship__c of a Dentrix code: what the patient is to the subscriber. -#}
{% macro dentrix_relationship(code) -%}
    case {{ clean_text(code) }}
        when '1' then 'Self'
        when '2' then 'Spouse'
        when '3' then 'Child'
        else 'Other'
    end
{%- endmacro %}
