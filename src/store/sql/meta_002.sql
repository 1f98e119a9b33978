-- Pictures and fonts, named by a digest under their site's asset key. The bytes of shared ones are in assets.db, those of the
-- others with the chunks of each recording that brought them.
create table asset (
    id integer primary key,
    site_id integer not null references site (id) on delete cascade,
    name blob not null,
    kind integer not null,
    bytes integer not null,
    shared integer not null,
    visits integer not null default 0,
    imported integer not null default 0,
    first_at integer not null
) strict;
create unique index asset_by_name on asset (site_id, name);

-- Which recording shows which asset, and how many bytes it brought.
create table asset_use (
    recording blob not null references recording (id) on delete cascade,
    asset integer not null references asset (id) on delete cascade,
    brought integer not null,
    primary key (recording, asset)
) strict, without rowid;
create index asset_use_by_asset on asset_use (asset);

-- What is kept for each site, counted anew once a day.
create table asset_total (
    site_id integer primary key references site (id) on delete cascade,
    bytes integer not null
) strict;

-- Files that an operator handed in, by their path in the site's build.
create table asset_path (
    site_id integer not null references site (id) on delete cascade,
    path text not null,
    hash blob not null,
    primary key (site_id, path)
) strict, without rowid;

-- What recorders could not read: address and cause, sealed under the site's asset key.
create table asset_unreadable (
    site_id integer not null references site (id) on delete cascade,
    name blob not null,
    sealed blob not null,
    times integer not null,
    seen_on integer not null,
    primary key (site_id, name)
) strict, without rowid;
