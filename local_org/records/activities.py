"""What Salesforce works out of events and tasks, and what it refuses.

The rules are the Object Reference's. An event may name its start and its length in several ways;
whatever was given is held against each other, and all fields follow from it.
"""

from __future__ import annotations

from local_org.records.values import PART, problem
from local_org.records.whole import NOW, Rules
from local_org.schema.model import Schema
from local_org.store import literal

DAY = 1_440
LONGEST = 14 * DAY
CLOSED = ("Completed",)
EVENT_FIELDS = (
    "IsAllDayEvent",
    "StartDateTime",
    "ActivityDateTime",
    "ActivityDate",
    "EndDateTime",
    "EndDate",
    "DurationInMinutes",
    "EventSubtype",
    "IsPrivate",
    "IsRecurrence",
    "IsReminderSet",
    "ReminderDateTime",
)
TASK_FIELDS = (
    "Status",
    "Priority",
    "IsClosed",
    "IsHighPriority",
    "CompletedDateTime",
    "TaskSubtype",
    "IsRecurrence",
)


def event_rules() -> Rules:
    """Give the rules of Event."""
    recurring = ("RecurrenceStartDateTime", "RecurrenceEndDateOnly", "RecurrenceType")
    return Rules(
        needs=EVENT_FIELDS,
        steps=_event_steps(),
        values=_event_values(),
        arms=(_missing(), *_disagreements(), *_lengths(), *_event_flags(), _half_way(recurring)),
    )


def task_rules() -> Rules:
    """Give the rules of Task."""
    closed = ", ".join(literal(each) for each in CLOSED)
    done = f'coalesce(w."Status" in ({closed}), false)'
    recurring = ("RecurrenceStartDateOnly", "RecurrenceEndDateOnly", "RecurrenceType")
    return Rules(
        needs=TASK_FIELDS,
        values={
            "IsClosed": done,
            "IsHighPriority": "coalesce(w.\"Priority\" = 'High', false)",
            "CompletedDateTime": (
                f'case when not {done} then null when w."Status" is not distinct from '
                f'w."was Status" then w."was CompletedDateTime" else {NOW} end'
            ),
            "TaskSubtype": _subtype("Task"),
        },
        arms=(_half_way(recurring),),
    )


def relation_rules(schema: Schema) -> Rules:
    """Give the rules of WhoId and WhatId, and the AccountId that follows from them."""
    joins = [
        'left join data."Contact" who on who."Id" = w."WhoId"',
        'left join data."Lead" lead on lead."Id" = w."WhoId"',
    ]
    arms = ['when substr(w."WhatId", 1, 3) = \'001\' then w."WhatId"']
    for place, (name, prefix, lookup) in enumerate(_children_of_accounts(schema)):
        joins.append(f'left join {name} what{place} on what{place}."Id" = w."WhatId"')
        arms.append(f'when substr(w."WhatId", 1, 3) = \'{prefix}\' then what{place}."{lookup}"')
    # Only leads and contacts are found by WhoId, and a lead has no account.
    account = f'case {" ".join(arms)} else who."AccountId" end'
    both = literal("A lead cannot be combined with a related record: Name ID, Related To ID")
    converted = literal("cannot reference converted lead")
    return Rules(
        needs=("WhoId", "WhatId", "AccountId"),
        joins=tuple(joins),
        values={"AccountId": account},
        arms=(
            'when w."WhatId" is not null and substr(w."WhoId", 1, 3) = \'00Q\' then '
            + problem("FIELD_INTEGRITY_EXCEPTION", both, "WhoId", "WhatId"),
            'when w."given WhoId" and lead."IsConverted" then '
            + problem("CANNOT_UPDATE_CONVERTED_LEAD", converted, "WhoId"),
        ),
    )


def audited_task_rules() -> Rules:
    """Give the rule that a task related to something shows when it was really last modified."""
    related = 'coalesce(w."WhoId", w."WhatId") is not null'
    return Rules(
        needs=("LastModifiedDate",),
        values={
            "LastModifiedDate": f'case when {related} then {NOW} else w."LastModifiedDate" end'
        },
    )


def _children_of_accounts(schema: Schema) -> list[tuple[str, str, str]]:
    """Give table, key prefix and lookup of each object with activities whose master is Account."""
    return [
        (each.table, each.prefix, item.name)
        for each in schema.objects.values()
        if each.custom and each.activities
        for item in each.fields
        if item.metadata_type == "MasterDetail" and item.reference_to == ("Account",)
    ]


def _given(name: str) -> str:
    return f'case when w."given {name}" then w."{name}" end'


def _event_steps() -> tuple[tuple[str, str], ...]:
    touched = 'w."given StartDateTime" or w."given ActivityDateTime"'
    end_touched = 'w."given DurationInMinutes" or w."given EndDateTime"'
    old_length = f'case when not ({end_touched}) then w."was DurationInMinutes" end'
    # An all-day event takes whole days; its end is the last of them.
    days = f"greatest(ceil(coalesce(_minutes, {old_length}, {DAY}) / {DAY}::double)::bigint, 1)"
    span = "date_diff('day', _day, _end::date) + 1"
    return (
        ("_all", 'w."IsAllDayEvent"'),
        ("_begins", _given("StartDateTime")),
        ("_due", _given("ActivityDateTime")),
        ("_date", _given("ActivityDate")),
        ("_minutes", _given("DurationInMinutes")),
        ("_end", _given("EndDateTime")),
        (
            "_start",
            f'coalesce(_begins, _due, case when not ({touched}) then w."was StartDateTime" end)',
        ),
        (
            "_day",
            "coalesce(_date, _begins::date, _due::date, "
            f'case when not ({touched} or w."given ActivityDate") then w."was ActivityDate" end)',
        ),
        (
            "_span",
            f"case when _all and _end::date < _day then -1 when _all then ({span}) * {DAY} "
            "else floor(date_diff('second', _start, _end) / 60)::bigint end",
        ),
        (
            "_length",
            f"case when not _all then coalesce(_minutes, _span, {old_length}) "
            f"when _minutes < 0 then _minutes else coalesce(_span, {days} * {DAY}) end",
        ),
    )


def _event_values() -> dict[str, str]:
    # Only lengths that will be taken: any other would reach beyond the calendar.
    length = f"case when _length between 0 and {LONGEST} then _length end"
    last = f"(_day + (({length}) // {DAY} - 1)::int)::timestamp"
    end = f"case when _all then {last} else coalesce(_end, _start + to_minutes({length})) end"
    return {
        "StartDateTime": "case when _all then _day::timestamp else _start end",
        "ActivityDateTime": "case when not _all then _start end",
        "ActivityDate": "case when _all then _day else _start::date end",
        "DurationInMinutes": "_length",
        "EndDateTime": end,
        "EndDate": f"({end})::date",
        "EventSubtype": _subtype("Event"),
    }


def _subtype(kind: str) -> str:
    name = f"{kind}Subtype"
    return f'case when w._target is null then coalesce(w."{name}", \'{kind}\') else w."{name}" end'


def _missing() -> str:
    listed = (
        "case when _all and _day is null then 'ActivityDate' end, "
        "case when not _all and _start is null then 'ActivityDateTime' end, "
        "case when not _all and _minutes is null and _end is null and _length is null "
        "then 'EndDateTime' end"
    )
    message = f"concat('Required fields are missing: [', concat_ws(', ', {listed}), ']')"
    error = f"concat('REQUIRED_FIELD_MISSING', {PART}, {message}, {PART}, concat_ws(',', {listed}))"
    return f"when concat_ws('', {listed}) <> '' then {error}"


def _disagreements() -> tuple[str, ...]:
    moments = "not _all and _begins <> _due"
    dates = (
        "_date <> (case when _all then coalesce(_begins, _due) else _start end)::date "
        "or (_all and _begins::date <> _due::date)"
    )
    lengths = f"_minutes is not null and _span <> (case when _all then {_whole_days()} "
    lengths += "else _minutes end)"
    start = literal("Due Date Time and Start Date Time must match: Due Date Time")
    day = literal("Due Date Only and Start Date Time must match: Due Date Only")
    length = literal("Duration and End Date Time must add up to the same amount of time: Duration")
    return (
        f"when {moments} then {problem('FIELD_INTEGRITY_EXCEPTION', start, 'ActivityDateTime')}",
        f"when {dates} then {problem('FIELD_INTEGRITY_EXCEPTION', day, 'ActivityDate')}",
        f"when {lengths} then {problem('FIELD_INTEGRITY_EXCEPTION', length, 'DurationInMinutes')}",
    )


def _whole_days() -> str:
    return f"greatest(ceil(_minutes / {DAY}::double)::bigint, 1) * {DAY}"


def _lengths() -> tuple[str, ...]:
    said = f"Duration must be between 0 and {LONGEST} minutes"
    wrong = f"(_length < 0 or _length > {LONGEST})"
    by_length = problem(
        "FIELD_INTEGRITY_EXCEPTION", literal(f"{said}: Duration"), "DurationInMinutes"
    )
    by_end = problem("FIELD_INTEGRITY_EXCEPTION", literal(f"{said}: End Date Time"), "EndDateTime")
    return (
        f"when {wrong} and (_minutes is not null or _end is null) then {by_length}",
        f"when {wrong} then {by_end}",
    )


def _event_flags() -> tuple[str, ...]:
    private = literal("A private event cannot be related to a record: Private")
    unset = literal("Required fields are missing: [ReminderDateTime]")
    return (
        'when w."IsPrivate" and coalesce(w."WhoId", w."WhatId") is not null then '
        + problem("FIELD_INTEGRITY_EXCEPTION", private, "IsPrivate"),
        'when w."IsReminderSet" and w."ReminderDateTime" is null then '
        + problem("REQUIRED_FIELD_MISSING", unset, "ReminderDateTime"),
    )


def _half_way(names: tuple[str, ...]) -> str:
    """A series needs its pattern, and this org has no fields for one."""
    missing = literal(f"Required fields are missing: [{', '.join(names)}]")
    return f'when w."IsRecurrence" then {problem("REQUIRED_FIELD_MISSING", missing, *names)}'
