-- A second fence between namespaces, beside the condition in every query: in a transaction that was opened for one namespace, rows of others are
-- not there. It holds for every role but the owner of the tables and superusers: let the service connect as another.
--
-- `remanence.namespace` is set in the transaction: the namespace's number, '0' for one in which nothing was ever remembered, empty for the
-- whole store. A projection has no namespace of its own and is read beside its episode alone.

ALTER TABLE episode ENABLE ROW LEVEL SECURITY;
ALTER TABLE candidate ENABLE ROW LEVEL SECURITY;
ALTER TABLE tombstone ENABLE ROW LEVEL SECURITY;
ALTER TABLE retired ENABLE ROW LEVEL SECURITY;
ALTER TABLE model ENABLE ROW LEVEL SECURITY;
ALTER TABLE state ENABLE ROW LEVEL SECURITY;
ALTER TABLE adapter ENABLE ROW LEVEL SECURITY;

CREATE POLICY fence ON episode USING (coalesce(current_setting('remanence.namespace', true), '') IN ('', namespace::text));
CREATE POLICY fence ON candidate USING (coalesce(current_setting('remanence.namespace', true), '') IN ('', namespace::text));
CREATE POLICY fence ON tombstone USING (coalesce(current_setting('remanence.namespace', true), '') IN ('', namespace::text));
CREATE POLICY fence ON retired USING (coalesce(current_setting('remanence.namespace', true), '') IN ('', namespace::text));
CREATE POLICY fence ON model USING (coalesce(current_setting('remanence.namespace', true), '') IN ('', namespace::text));
CREATE POLICY fence ON state USING (coalesce(current_setting('remanence.namespace', true), '') IN ('', namespace::text));
CREATE POLICY fence ON adapter USING (coalesce(current_setting('remanence.namespace', true), '') IN ('', namespace::text));

ALTER TABLE expiry ENABLE ROW LEVEL SECURITY;
ALTER TABLE blob ENABLE ROW LEVEL SECURITY;
CREATE POLICY fence ON expiry USING (coalesce(current_setting('remanence.namespace', true), '') IN ('', namespace::text));
CREATE POLICY fence ON blob USING (coalesce(current_setting('remanence.namespace', true), '') IN ('', namespace::text));
