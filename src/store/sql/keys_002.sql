-- The key of a site's shared pictures and fonts, sealed under the site's key of the month in which it was made.
create table asset_key (site_id integer primary key, month text not null, wrapped blob not null) strict;
