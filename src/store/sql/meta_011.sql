-- What another program recorded: it was hidden on its way in, and what its page asked its visitor is not known.
alter table recording add column imported integer not null default 0;
