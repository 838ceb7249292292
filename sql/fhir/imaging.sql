-- title: imaging from ImagingStudy, and from DiagnosticReport, Procedure and ServiceRequest with an imaging code
-- grain: one row a resource
-- reads: fhir.study, fhir.report, fhir.procedure, fhir.request, fhir.word, fhir.concept
WITH named AS (
  SELECT DISTINCT study_id FROM fhir.report WHERE study_id IS NOT NULL AND NOT is_contained
),
number_of AS (
  SELECT key, max(accession) AS accession FROM fhir.study GROUP BY key
),
given AS (
  SELECT
    source_file, row_number, unnest(modality) AS coding, generate_subscripts(modality, 1) AS position
  FROM fhir.study
  WHERE NOT is_contained
),
seen AS (
  SELECT
    given.source_file,
    given.row_number,
    min_by(word.becomes, given.position) FILTER (WHERE word.field = 'study.modality') AS modality,
    bool_or(word.field IS NULL) AS is_other
  FROM given
  LEFT JOIN fhir.word
    ON word.field IN ('study.modality', 'study.no_image') AND word.given = lower(trim(given.coding.code))
  GROUP BY ALL
),
row_of AS (
  SELECT
    study.key,
    study.patient_id,
    study.encounter_id,
    concept.chosen,
    CAST(NULL AS VARCHAR) AS ordered_at,
    study.performed_at,
    CASE
      WHEN study.status = 'unknown' AND study.performed_at IS NOT NULL THEN 'completed'
      WHEN study.status = 'unknown' THEN 'ordered'
      ELSE coalesce(status.becomes, study.status)
    END AS status,
    coalesce(seen.modality, CASE WHEN seen.is_other THEN 'other' END) AS modality,
    -- A study without a number has one as soon as a report names it: both rows are that study.
    coalesce(study.accession, named.study_id) AS accession,
    study.source_file,
    study.row_number,
    study.last_updated
  FROM fhir.study
  JOIN fhir.concept ON concept.codings = study.code
  LEFT JOIN fhir.word AS status ON status.field = 'study.status' AND status.given = study.status
  LEFT JOIN seen ON seen.source_file = study.source_file AND seen.row_number = study.row_number
  LEFT JOIN named ON named.study_id = study.key
  WHERE NOT study.is_contained
  UNION ALL
  SELECT
    report.key,
    report.patient_id,
    report.encounter_id,
    concept.imaging,
    NULL,
    report.performed_at,
    CASE
      WHEN report.status = 'unknown' AND report.performed_at IS NOT NULL THEN 'completed'
      WHEN report.status = 'unknown' THEN 'ordered'
      ELSE coalesce(status.becomes, report.status)
    END,
    NULL,
    coalesce(report.accession, number_of.accession, report.study_id),
    report.source_file,
    report.row_number,
    report.last_updated
  FROM fhir.report
  JOIN fhir.concept ON concept.codings = report.code AND concept.imaging IS NOT NULL
  LEFT JOIN number_of ON number_of.key = report.study_id
  LEFT JOIN fhir.word AS status ON status.field = 'report.status' AND status.given = report.status
  WHERE NOT report.is_contained
  UNION ALL
  SELECT
    procedure.key,
    procedure.patient_id,
    procedure.encounter_id,
    concept.imaging,
    NULL,
    procedure.performed_at,
    CASE
      WHEN procedure.status = 'unknown' AND procedure.is_over THEN 'completed'
      WHEN procedure.status = 'unknown' THEN 'ordered'
      ELSE coalesce(status.becomes, procedure.status)
    END,
    NULL,
    procedure.accession,
    procedure.source_file,
    procedure.row_number,
    procedure.last_updated
  FROM fhir.procedure
  JOIN fhir.concept ON concept.codings = procedure.code AND concept.imaging IS NOT NULL
  LEFT JOIN fhir.word AS status ON status.field = 'procedure.imaging_status' AND status.given = procedure.status
  WHERE NOT procedure.is_contained
  UNION ALL
  SELECT
    request.key,
    request.patient_id,
    request.encounter_id,
    concept.imaging,
    request.ordered_at,
    NULL,
    coalesce(status.becomes, request.status),
    NULL,
    request.accession,
    request.source_file,
    request.row_number,
    request.last_updated
  FROM fhir.request
  JOIN fhir.concept ON concept.codings = request.code AND concept.imaging IS NOT NULL
  LEFT JOIN fhir.word AS status ON status.field = 'request.imaging_status' AND status.given = request.status
  WHERE NOT request.is_contained AND NOT request.is_forbidden
)
SELECT
  key AS imaging_id,
  patient_id,
  encounter_id,
  chosen.system AS code_system,
  chosen.code AS code,
  ordered_at,
  performed_at,
  status,
  modality,
  CAST(NULL AS VARCHAR) AS regions,
  CAST(NULL AS VARCHAR) AS contrast,
  accession,
  source_file,
  row_number,
  last_updated
FROM row_of
WHERE key IS NOT NULL
