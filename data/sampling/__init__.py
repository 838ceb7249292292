"""Makes the sample extract: charts of made-up patients, written as CSV tables and as FHIR resources."""
