-- title: The tables of the history
-- grain: one night, one finding that differed on it, one case whose case_id became another
-- reads: nothing
CREATE TABLE IF NOT EXISTS nights (
    night INTEGER PRIMARY KEY, run_id VARCHAR NOT NULL, as_of DATE NOT NULL, previous_run_id VARCHAR,
    rules VARCHAR NOT NULL, value_sets VARCHAR NOT NULL, parameters VARCHAR NOT NULL, findings BIGINT NOT NULL
);
CREATE TABLE IF NOT EXISTS changes (
    night INTEGER NOT NULL, finding_key VARCHAR NOT NULL, key_case_id VARCHAR NOT NULL, case_id VARCHAR NOT NULL,
    measure_id VARCHAR NOT NULL, instance INTEGER NOT NULL, state_before VARCHAR, reason_before VARCHAR,
    state_after VARCHAR, reason_after VARCHAR, cause VARCHAR NOT NULL
);
CREATE TABLE IF NOT EXISTS case_redated (
    night INTEGER NOT NULL, key_case_id VARCHAR NOT NULL, case_id_before VARCHAR NOT NULL, case_id_after VARCHAR NOT NULL
);
