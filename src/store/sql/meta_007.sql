-- By what a recording is known again, where its policy lets that be: digests under a key of its site, of a random id that a browser keeps
-- and of the site's own pseudonyms. The ids themselves are nowhere, the pseudonyms sealed in the summary.
alter table recording add column visitor blob;
create index recording_by_visitor on recording (visitor, started_at desc, id desc) where visitor is not null;

create table identified (
    name blob not null,
    recording blob not null references recording (id) on delete cascade,
    primary key (name, recording)
) strict, without rowid;
create index identified_by_recording on identified (recording);
