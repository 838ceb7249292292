-- title: where a reference is looked up: a contained one in its resource, any other in its bundle
-- grain: scalar macro
-- reads: nothing
CREATE MACRO fhir.scope_of(reference, bundle, resource) AS
  CASE WHEN starts_with(reference, '#') THEN resource ELSE bundle END
