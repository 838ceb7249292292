-- title: the spine level that a body site states
-- grain: scalar macro; null where it states none or several
-- reads: nothing
CREATE MACRO fhir.level_of(site) AS
  CASE
    WHEN len(list_distinct(regexp_extract_all(upper(site), '\b(C[1-7]|T1[0-2]|T[1-9]|L[1-5]|S[1-5])\b'))) = 1
      THEN regexp_extract(upper(site), '\b(C[1-7]|T1[0-2]|T[1-9]|L[1-5]|S[1-5])\b')
  END
