-- title: The identity of a finding over the nights
-- grain: one text of 16 hex digits
-- reads: nothing; key_case_id: the case as it was first known; part: of finding_part
CREATE MACRO stored.finding_key(key_case_id, measure_id, part) AS
left(sha256(concat_ws('|', key_case_id, measure_id, part)), 16);
