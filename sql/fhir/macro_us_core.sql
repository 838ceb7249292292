-- title: a US Core race or ethnicity: its OMB categories, else its text
-- grain: scalar macro; `extensions` is Patient.extension, `name` us-core-race or us-core-ethnicity
-- reads: nothing
CREATE MACRO fhir.us_core(extensions, name) AS
  coalesce(
    nullif(
      array_to_string(
        list_transform(
          list_filter(
            list_filter(
              extensions, lambda e: e.url = 'http://hl7.org/fhir/us/core/StructureDefinition/' || name
            )[1].extension,
            lambda p: p.url = 'ombCategory'
          ),
          lambda p: coalesce(p.valueCoding.display, p.valueCoding.code)
        ),
        '|'
      ),
      ''
    ),
    list_filter(
      list_filter(
        extensions, lambda e: e.url = 'http://hl7.org/fhir/us/core/StructureDefinition/' || name
      )[1].extension,
      lambda p: p.url = 'text'
    )[1].valueString
  )
