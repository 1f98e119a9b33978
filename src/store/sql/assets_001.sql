-- Pictures and fonts that many recordings of a site share, sealed under the site's asset key.
create table asset (site_id integer not null, name blob not null, bytes blob not null) strict;
create unique index asset_by_name on asset (site_id, name);
