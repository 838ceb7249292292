-- title: the codings of several concepts as one list, in array order
-- grain: scalar macro; null where there is none
-- reads: nothing
CREATE MACRO fhir.codings_of(concepts) AS
  nullif(flatten(list_transform(list_filter(concepts, lambda c: c.coding IS NOT NULL), lambda c: c.coding)), [])
