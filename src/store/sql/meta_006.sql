-- Directories that this store backs itself up to; what is erased reaches them too.
create table backup (
    dir text primary key,
    made_at integer not null,
    keys_at integer not null,
    buried_to integer not null
) strict, without rowid;
create index tombstone_by_time on tombstone (erased_at);
