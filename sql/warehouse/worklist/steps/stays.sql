-- title: The stays that go on, of listed cases
-- grain: one case whose patient is in house
-- reads: stored.cases, stored.events, listed
-- A stay without an end of a patient who has died is a slip of the record.
CREATE TEMP TABLE stays AS
SELECT c.case_number, concat_ws(', ', e.site_id, e.unit, 'since ' || strftime(e.event_local, '%Y-%m-%d')) AS in_house
FROM stored.cases AS c
JOIN stored.events AS e
    ON e.patient_number = c.patient_number AND e.table_name = 'encounters' AND e.row_id = c.stay_encounter_id
WHERE c.case_number IN (SELECT case_number FROM listed)
  AND c.end_reason IS DISTINCT FROM 'death';
