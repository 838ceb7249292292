-- title: Cases of tonight and of the night before that may be one
-- grain: one case of tonight and one of the night before that share an index condition
-- reads: stored.cases, stored.index_conditions, before.stored.cases, before.stored.index_conditions
CREATE OR REPLACE TEMP TABLE shared AS
SELECT DISTINCT c.case_number, c.case_id, c.t0, b.key_case_id, b.case_id AS case_id_before
FROM stored.index_conditions AS i
JOIN before.stored.index_conditions AS bi USING (condition_id)
JOIN stored.cases AS c ON c.case_number = i.case_number
JOIN before.stored.cases AS b ON b.case_number = bi.case_number AND b.patient_id = c.patient_id;

CREATE OR REPLACE TEMP TABLE inherited AS
SELECT case_number, case_id, key_case_id, case_id_before
FROM shared
LIMIT 0;
