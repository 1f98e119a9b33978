-- Sealed chunks that expire on one day. `commit_no` is the writer's group, by which a start finds what metadata missed.
create table chunk (
    id integer primary key,
    recording blob not null,
    page blob not null,
    seq integer not null,
    digest blob not null,
    commit_no integer not null,
    bytes blob not null
) strict;
create unique index chunk_by_place on chunk (recording, page, seq);
