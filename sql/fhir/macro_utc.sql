-- title: a FHIR instant as a text that sorts by time
-- grain: scalar macro; null where the text isn't a time
-- reads: nothing
CREATE MACRO fhir.utc(instant) AS
  strftime(TRY_CAST(instant AS TIMESTAMPTZ) AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.%fZ')
