-- title: Days from the deadline to the as-of date; NULL where something was done, or nothing was due
-- grain: one number
-- reads: nothing; reason: of a deviation; due: its deadline, as a day
CREATE MACRO stored.days_open(reason, due, as_of) AS
CASE WHEN reason IN ('missing', 'ordered_not_done', 'incomplete_extent') THEN date_diff('day', due, as_of) END;
