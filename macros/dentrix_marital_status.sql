{#- Marital_Status__c of a Dentrix family position; null where the code says nothing. -#}
{% macro dentrix_marital_status(code) -%}
    case {{ clean_text(code) }}
        when '1' then 'Single'
        when '2' then 'Married'
        when '3' then 'Child'
        when '4' then 'Other'
    end
{%- endmacro %}
