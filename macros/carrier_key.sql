{#- The Migration_Key__c of a carrier: shared by all practices, and no name in it. -#}
{% macro carrier_key(normalised_name) -%}
    'all:carrier:' || {{ sha256_hex16(normalised_name) }}
{%- endmacro %}
