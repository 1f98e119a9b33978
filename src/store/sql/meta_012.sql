-- How many of a recording's batches cannot be read, because their bytes have changed on disk.
alter table recording add column damaged integer not null default 0;
