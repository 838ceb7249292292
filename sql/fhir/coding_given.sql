-- title: every coding that is given, as it is given
-- grain: one row a different (system, code)
-- reads: fhir.concept_given
SELECT DISTINCT coding.system AS given_system, coding.code AS given_code
FROM (SELECT unnest(codings) AS coding FROM fhir.concept_given)
WHERE trim(coding.system) <> '' AND trim(coding.code) <> ''
ORDER BY ALL
