-- What many recordings of a site have in common, sealed under the site's asset key: finished recordings are compressed against it.
-- A newer one takes its place for those to come; it stays while recordings need it.
create table dictionary (
    id integer primary key autoincrement,
    site_id integer not null,
    made_at integer not null,
    retired_at integer,
    bytes blob not null
) strict;
-- In how many recordings each part was met. Its bytes come with the recording that makes it enough; `dictionary` is the newest that holds it.
create table part (
    site_id integer not null,
    name blob not null,
    recordings integer not null,
    seen_at integer not null,
    dictionary integer,
    bytes blob
) strict;
create unique index part_by_name on part (site_id, name);
