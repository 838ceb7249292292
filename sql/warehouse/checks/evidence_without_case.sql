-- title: Evidence of cases that aren't there
-- grain: one number of a case that is only named
-- reads: stored.evidence, stored.cases
SELECT DISTINCT case_number
FROM stored.evidence
ANTI JOIN stored.cases USING (case_number)
ORDER BY case_number;
