-- What was found that a site's developers forgot to mark, or that a recorder told and may not. What and where is sealed under the
-- site's asset key; the reason is the operator's own.
create table finding (
    site_id integer not null references site (id) on delete cascade,
    name blob not null,
    sealed blob not null,
    state integer not null default 0,
    reason text not null default '',
    times integer not null,
    first_at integer not null,
    last_at integer not null,
    primary key (site_id, name)
) strict, without rowid;

-- When the auditor looked through a recording; none while that is still to come.
alter table recording add column audited_at integer;
create index recording_unaudited on recording (last_batch_at) where audited_at is null and state <> 3;

-- Who saved a version of a policy, by the id of an account or a token, and why.
alter table policy add column saved_by text not null default '';
alter table policy add column reason text not null default '';

-- On how many pages each rule of a site's policies was looked for, and on how many it matched something.
create table rule_hit (
    site_id integer not null references site (id) on delete cascade,
    key text not null,
    selector text not null,
    looked integer not null,
    matched integer not null,
    primary key (site_id, key, selector)
) strict, without rowid;
