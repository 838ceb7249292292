-- title: referrals from ServiceRequest whose performerType, code or category names a specialty
-- grain: one row a resource that names one
-- reads: fhir.request, fhir.condition, fhir.completion, fhir.word, fhir.concept
WITH code_of AS (
  SELECT key, arg_max(code, coalesce(last_updated, '')) AS code FROM fhir.condition WHERE code IS NOT NULL GROUP BY key
),
row_of AS (
  SELECT
    request.*,
    -- A specialty that the value sets know, wherever it stands, goes before one that only its code system tells.
    coalesce(
      performer.specialty, service.specialty, category.specialty,
      performer.any_specialty, service.any_specialty, category.any_specialty
    ) AS asked,
    coalesce(reason.chosen, named_reason.chosen) AS why,
    completion.completed_at
  FROM fhir.request
  LEFT JOIN fhir.concept AS performer ON performer.codings = request.performer_type
  LEFT JOIN fhir.concept AS service ON service.codings = request.code
  LEFT JOIN fhir.concept AS category ON category.codings = request.category
  LEFT JOIN fhir.concept AS reason ON reason.codings = request.reason
  LEFT JOIN code_of ON code_of.key = request.reason_id
  LEFT JOIN fhir.concept AS named_reason ON named_reason.codings = code_of.code
  LEFT JOIN fhir.completion ON completion.request_id = request.key
  WHERE request.key IS NOT NULL AND NOT request.is_contained AND NOT request.is_forbidden
)
SELECT
  row_of.key AS referral_id,
  row_of.patient_id,
  row_of.encounter_id,
  row_of.asked.system AS specialty_system,
  row_of.asked.code AS specialty,
  row_of.ordered_at,
  row_of.priority,
  CASE
    -- a suggestion never counts, whatever its state
    WHEN row_of.is_proposed AND row_of.status <> 'entered-in-error' THEN 'draft'
    ELSE coalesce(status.becomes, row_of.status)
  END AS status,
  row_of.completed_at,
  CAST(NULL AS VARCHAR) AS revoked_at,
  row_of.why.system AS reason_code_system,
  row_of.why.code AS reason_code,
  row_of.source_file,
  row_of.row_number,
  row_of.last_updated
FROM row_of
LEFT JOIN fhir.word AS status ON status.field = 'request.status' AND status.given = row_of.status
WHERE row_of.asked IS NOT NULL
