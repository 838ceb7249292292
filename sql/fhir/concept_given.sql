-- title: every list of codings from which one is to be chosen
-- grain: one row a different list
-- reads: the staged resources
CREATE TABLE fhir.concept_given AS
WITH given AS (
  SELECT code AS codings FROM fhir.condition
  UNION ALL
  SELECT code FROM fhir.observation
  UNION ALL
  SELECT value_codings FROM fhir.observation
  UNION ALL
  SELECT code FROM fhir.study
  UNION ALL
  SELECT code FROM fhir.report
  UNION ALL
  SELECT code FROM fhir.procedure
  UNION ALL
  SELECT unnest([code, category, performer_type, reason]) FROM fhir.request
  UNION ALL
  SELECT unnest([service_type, visit_type]) FROM fhir.encounter
  UNION ALL
  SELECT code FROM fhir.medication_use
  UNION ALL
  SELECT code FROM fhir.drug
)
SELECT DISTINCT codings FROM given WHERE len(codings) > 0
