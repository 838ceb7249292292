-- title: The identity of a finding over the nights
-- grain: one text of 16 hex digits
-- reads: nothing; key_case_id: the case as it was first known; twin: which of several with one row id, NULL for the first
CREATE MACRO stored.finding_key(key_case_id, measure_id, trigger_row_id, instance, twin) AS
left(
    sha256(concat_ws('|', key_case_id, measure_id, coalesce(trigger_row_id, CAST(instance AS VARCHAR)), twin)),
    16
);
