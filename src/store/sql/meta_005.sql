-- Whether a recording's chunks lie in chunks/keep.db, which no day unlinks.
alter table recording add column kept integer not null default 0;
drop index recording_by_expiry;
create index recording_by_expiry on recording (expires_on) where kept = 0;

-- Recordings that are kept and not used (GDPR, Art. 18), and who asked for it: `visitor`, `command`, or the id of an account or a
-- token. The reason is the operator's own.
create table restriction (
    recording blob not null references recording (id) on delete cascade,
    asked_by text not null,
    reason text not null,
    since integer not null,
    primary key (recording, asked_by)
) strict, without rowid;

-- What was asked about recordings, and when it was done. What one visitor repeats within a day is one line.
create table request (
    id integer primary key,
    site_id integer not null references site (id) on delete cascade,
    recording blob not null,
    kind integer not null,
    asked_by text not null,
    reason text not null,
    day integer not null,
    times integer not null default 1,
    asked_at integer not null,
    done_at integer not null
) strict;
create index request_by_site on request (site_id, id);
create unique index request_by_visitor on request (recording, kind, day) where asked_by = 'visitor';
