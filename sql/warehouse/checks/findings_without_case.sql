-- title: Findings of cases that aren't there
-- grain: one number of a case that is only named
-- reads: stored.findings, stored.cases
SELECT DISTINCT case_number
FROM stored.findings
ANTI JOIN stored.cases USING (case_number)
ORDER BY case_number;
