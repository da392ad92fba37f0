-- One database role per service: each writes its own tables and reads all.
-- Run by psql as the owner of the schema, after each `leadline migrate`; repeating changes nothing.
--   psql --set=ON_ERROR_STOP=1 --set=ingest_password=... --set=signals_password=... \
--        --set=api_password=... --file=roles.sql postgresql://owner@host/leadline

SELECT format('CREATE ROLE %I LOGIN', name)
FROM unnest(ARRAY['leadline_ingest', 'leadline_signals', 'leadline_api', 'leadline_reader']) AS name
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name)
\gexec

ALTER ROLE leadline_ingest PASSWORD :'ingest_password';
ALTER ROLE leadline_signals PASSWORD :'signals_password';
ALTER ROLE leadline_api PASSWORD :'api_password';
-- The reader is for dashboards and exports; without a password it cannot log in over the network.
ALTER ROLE leadline_reader SET default_transaction_read_only = on;

BEGIN;

REVOKE ALL ON ALL TABLES IN SCHEMA public
FROM leadline_ingest, leadline_signals, leadline_api, leadline_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA public
TO leadline_ingest, leadline_signals, leadline_api, leadline_reader;
REVOKE SELECT ON api_key, idempotency FROM leadline_ingest, leadline_signals, leadline_reader;
-- Ingest and signals look up who asks for their metrics; a hash of a random secret tells nothing.
GRANT SELECT (key_id, token_hash, role, kam_id, expires_at, revoked_at) ON api_key
TO leadline_ingest, leadline_signals;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO leadline_ingest, leadline_signals, leadline_api;

GRANT INSERT, UPDATE, DELETE ON
    source, account, series, event, evidence, account_facts,
    consumer_offset, partition_lag, dead_letter, breaker, ingest_outbox,
    feed, feed_hour, feed_account, import_progress
TO leadline_ingest;

GRANT INSERT, UPDATE, DELETE ON
    account_score, signal, alert_track, alert, playbook_run, run_task, run_action,
    signal_outbox, stream_event, signals_progress,
    loss_model, model_role, population_fit, lane_market, shadow_score, model_report,
    warning_outcome
TO leadline_signals;

GRANT INSERT, UPDATE, DELETE ON
    alert_action, api_key, idempotency
TO leadline_api;

-- The api's process carries two packages more: ingest's handler behind POST /v1/events, and
-- signals' run commands behind /v1/playbook-runs. Without these grants those calls fail.
GRANT leadline_ingest TO leadline_api;
GRANT INSERT, UPDATE, DELETE ON playbook_run, run_task, run_action, signal_outbox TO leadline_api;

-- To lock an alert's row while somebody acts on it, a right to update is asked: of the key, which
-- nothing updates.
GRANT UPDATE (alert_id) ON alert TO leadline_api;

COMMIT;
