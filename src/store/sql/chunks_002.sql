-- Pictures that only this recording is known to show, sealed under its key; they expire with it.
create table asset (recording blob not null, name blob not null, bytes blob not null) strict;
create unique index asset_by_name on asset (recording, name);
