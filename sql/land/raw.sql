-- Title:  Schemas of the landed rows
-- Grain:  raw.malformed: one CSV record with more or fewer fields than its header
-- Writes: schemas raw and typed (emptied), raw.malformed; the tables themselves are made from schemas/extract.py
DROP SCHEMA IF EXISTS typed CASCADE;
CREATE SCHEMA typed;
DROP SCHEMA IF EXISTS raw CASCADE;
CREATE SCHEMA raw;
CREATE TABLE raw.malformed (table_name VARCHAR, source_file VARCHAR, row_number BIGINT, text VARCHAR);
