-- title: A verdict in one plain sentence
-- grain: one text
-- reads: nothing; meaning: what the reason means, without a full stop; the times as they are written
CREATE MACRO stored.explained(meaning, trigger_at, due_at, action_at, late_by_hours, late_by_days) AS
meaning || coalesce(' (' || nullif(concat_ws(
    ', ',
    'counted from ' || replace(left(trigger_at, 16), 'T', ' '),
    'due by ' || replace(left(due_at, 16), 'T', ' '),
    'recorded ' || replace(left(action_at, 16), 'T', ' '),
    coalesce((round_even(late_by_hours * 10, 0) / 10) || ' h late', late_by_days || ' d late')
), '') || ')', '') || '.';
