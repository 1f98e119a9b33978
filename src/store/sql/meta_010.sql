-- What lists are filtered by. Country and kind of sender are told by the first batch; none where that was not looked at.
alter table recording add column country text;
alter table recording add column bot integer not null default 0;

-- What a recording is found by: pages, events and tags, each named by a digest under its site's key and sealed under it. A recording
-- keeps their numbers, four bytes each, least first; none where they are still to be taken out of what is sealed.
create table term (
    id integer primary key autoincrement,
    site_id integer not null,
    kind integer not null,
    name blob not null,
    sealed blob not null,
    uses integer not null
) strict;
create unique index term_by_name on term (site_id, kind, name);
alter table recording add column terms blob;
create index recording_untermed on recording (last_batch_at) where terms is null and state <> 3 and kept = 0;

create index watched_by_watcher on watched (watcher);

-- Which recordings changed in what lists show, for the register that a running server holds in memory.
create table list_change (seq integer primary key autoincrement, recording blob not null) strict;
create trigger recording_came after insert on recording begin
    insert into list_change (recording) values (new.id);
end;
create trigger recording_changed after update of
    state, started_at, ended_at, pages, clicks, inputs, device, browser, os, country, bot, kept, terms,
    rage, dead, error_clicks, quick_backs, errors on recording begin
    insert into list_change (recording) values (new.id);
end;
create trigger recording_went after delete on recording begin
    insert into list_change (recording) values (old.id);
end;
