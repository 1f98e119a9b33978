-- The key that takes the place of a recording's key once everything is sealed under it.
create table next_key (recording blob primary key, wrapped blob not null) strict, without rowid;
