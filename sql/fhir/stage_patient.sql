-- title: Patient, its fields
-- grain: one row a resource
-- reads: fhir.resource
CREATE TABLE fhir.patient AS
SELECT
  key,
  source_file,
  row_number,
  last_updated,
  from_json(content, '{
    "birthDate": "VARCHAR",
    "gender": "VARCHAR",
    "deceasedDateTime": "VARCHAR",
    "deceasedBoolean": "VARCHAR",
    "identifier": [{"use": "VARCHAR", "type": {"coding": [{"code": "VARCHAR"}]}, "value": "VARCHAR"}],
    "extension": [{
      "url": "VARCHAR",
      "extension": [{
        "url": "VARCHAR", "valueString": "VARCHAR", "valueCoding": {"code": "VARCHAR", "display": "VARCHAR"}
      }]
    }],
    "communication": [{
      "preferred": "VARCHAR", "language": {"coding": [{"code": "VARCHAR"}], "text": "VARCHAR"}
    }],
    "managingOrganization": {"reference": "VARCHAR"}
  }') AS r
FROM fhir.resource
WHERE resource_type = 'Patient' AND NOT is_contained
