-- The dictionary that a recording's chunks need: none before they were packed, 0 where they need none.
alter table recording add column dictionary integer;
create index recording_by_dictionary on recording (dictionary) where dictionary > 0;
