-- Keys, each sealed under the one above it: master, site and month, recording.
create table master (id integer primary key check (id = 1), proof blob not null) strict;

create table site_key (
    site_id integer not null,
    month text not null,
    wrapped blob not null,
    primary key (site_id, month)
) strict, without rowid;

create table recording_key (
    recording blob not null unique,
    site_id integer not null,
    month text not null,
    wrapped blob not null
) strict;
create index recording_key_by_site on recording_key (site_id);
