-- title: Events of patients who have no case
-- grain: one number of a patient without a case
-- reads: stored.events, stored.cases
SELECT DISTINCT patient_number
FROM stored.events
ANTI JOIN stored.cases USING (patient_number)
ORDER BY patient_number;
