-- What is made of a finished recording, sealed under its key: whole pages from which a player begins, each the page behind the batch of
-- its place; the marks; and what its batches say of pictures and fonts, so that nobody reads them all for that.
create table keyframe (
    recording blob not null,
    at integer not null,
    page blob not null,
    seq integer not null,
    bytes blob not null
) strict;
create unique index keyframe_by_time on keyframe (recording, at);
create table mark (recording blob primary key, marks blob not null, assets blob not null) strict;
