-- title: the coding that is taken of several
-- grain: one row a list of codings with at least one that has system and code
-- reads: fhir.concept_given, fhir.coding
-- The first, in array order, that a value set or LOCAL knows; else the first of a known system; else the first.
CREATE TABLE fhir.concept AS
WITH one AS (
  SELECT codings, unnest(codings) AS given, generate_subscripts(codings, 1) AS position
  FROM fhir.concept_given
),
ranked AS (
  SELECT
    one.codings,
    one.position,
    one.given,
    coding.*,
    CASE WHEN coding.is_known THEN 0 WHEN coding.is_system_known THEN 1 ELSE 2 END AS rank
  FROM one
  JOIN fhir.coding ON coding.given_system = one.given.system AND coding.given_code = one.given.code
)
SELECT
  codings,
  arg_min(given, struct_pack(rank := rank, position := position)) AS chosen,
  arg_min(given, position) FILTER (WHERE is_imaging) AS imaging,
  arg_min(given, position) FILTER (WHERE is_specialty) AS specialty,
  arg_min(given, position) FILTER (WHERE is_specialty_system) AS any_specialty,
  arg_min(code, position) FILTER (WHERE code_system = 'LOCAL') AS local_code
FROM ranked
GROUP BY codings
