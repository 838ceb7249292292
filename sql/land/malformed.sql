-- Title:  The records that DuckDB's CSV reader set aside, with their number in the file
-- Grain:  one record with more or fewer fields than the header
-- Reads:  reject_errors (of one file)
-- Writes: raw.malformed
-- Parameters: $table_name, $source_file
INSERT INTO raw.malformed
SELECT $table_name, $source_file, line - 1, any_value(ltrim(csv_line, chr(10) || chr(13)))
FROM reject_errors
GROUP BY line
ORDER BY line;
