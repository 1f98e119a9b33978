-- What is known about sites, people and recordings. No text that comes from a recording stands here unsealed.
create table setting (name text primary key, value any) strict, without rowid;

create table site (
    id integer primary key autoincrement,
    key text not null unique,
    name text not null,
    origins text not null,
    paused integer not null default 0,
    created_at integer not null,
    last_fetched_at integer,
    last_batch_at integer
) strict;

-- Saved versions never change; the highest is in force.
create table policy (
    site_id integer not null references site (id) on delete cascade,
    version integer not null,
    hash blob not null,
    json text not null,
    saved_at integer not null,
    primary key (site_id, version)
) strict, without rowid;

create table account (
    id text primary key,
    email text not null unique collate nocase,
    role text not null,
    language text not null,
    password_hash text not null,
    disabled integer not null default 0,
    created_at integer not null
) strict;

create table login (
    token_hash blob primary key,
    account_id text not null references account (id) on delete cascade,
    created_at integer not null,
    seen_at integer not null
) strict, without rowid;

create table token (
    id text primary key,
    name text not null,
    role text not null,
    hash blob not null unique,
    created_at integer not null,
    expires_at integer,
    last_used_at integer
) strict;

-- One-time links: for the first account, for a new password, for the demo's sign-in.
create table link (
    hash blob primary key,
    kind text not null,
    account_id text references account (id) on delete cascade,
    expires_at integer not null
) strict, without rowid;

create table recording (
    id blob primary key,
    site_id integer not null,
    state integer not null,
    secret_hash blob,
    started_at integer not null,
    ended_at integer not null,
    last_batch_at integer not null,
    expires_on integer not null,
    refused_rule text,
    policy_version integer not null,
    granted integer not null,
    pages integer not null default 0,
    clicks integer not null default 0,
    inputs integer not null default 0,
    events integer not null default 0,
    bytes integer not null default 0,
    gap_ops integer not null default 0,
    gap_pages integer not null default 0,
    device text not null default 'desktop',
    browser text not null default '',
    os text not null default '',
    width integer not null default 0,
    height integer not null default 0,
    summary blob
) strict;
create index recording_by_site on recording (site_id, started_at desc, id desc) where state <> 3;
create index recording_by_time on recording (started_at desc, id desc) where state <> 3;
create index recording_by_expiry on recording (expires_on);

-- Times are those of the page: `first_at` and `last_at` count from `began_at`.
create table page (
    recording blob not null references recording (id) on delete cascade,
    page blob not null,
    began_at integer not null,
    first_at integer not null,
    last_at integer not null,
    batches integer not null,
    last_seq integer not null,
    primary key (recording, page)
) strict, without rowid;

create table watched (
    recording blob not null references recording (id) on delete cascade,
    watcher text not null,
    primary key (recording, watcher)
) strict, without rowid;

-- Erased recordings. `swept` when their sealed bytes are gone too.
create table tombstone (
    recording blob primary key,
    expires_on integer not null,
    erased_at integer not null,
    swept integer not null default 0
) strict, without rowid;

create table refusal (
    site_id integer not null references site (id) on delete cascade,
    rule text not null,
    day integer not null,
    count integer not null,
    primary key (site_id, rule, day)
) strict, without rowid;
