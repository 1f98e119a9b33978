-- Keyframes and marks: when those of a recording were made, none while that is to come, and how often what a watcher looks for was found.
alter table recording add column marked_at integer;
alter table recording add column rage integer not null default 0;
alter table recording add column dead integer not null default 0;
alter table recording add column error_clicks integer not null default 0;
alter table recording add column quick_backs integer not null default 0;
alter table recording add column errors integer not null default 0;
alter table recording add column custom integer not null default 0;
create index recording_unmarked on recording (last_batch_at) where marked_at is null and state <> 3;
