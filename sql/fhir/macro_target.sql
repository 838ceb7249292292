-- title: a reference as Type/id: Patient/x, absolute, with a version, or urn:uuid: of the expected type
-- grain: scalar macro; a text of another form stays what it is, so that it meets no row
-- reads: nothing
CREATE MACRO fhir.target_of(reference, expected) AS
  CASE
    WHEN regexp_matches(reference, '^urn:(uuid|oid):') THEN expected || '/' || split_part(reference, ':', 3)
    WHEN regexp_matches(reference, '(^|/)[A-Z][A-Za-z]+/[^/?#|]+(/_history/[^/]+)?$')
      THEN regexp_extract(reference, '(?:^|/)([A-Z][A-Za-z]+/[^/?#|]+)(?:/_history/[^/]+)?$', 1)
    ELSE reference
  END
