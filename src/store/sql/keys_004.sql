-- Which store these keys belong to: a backup's keys are put beside its own metadata alone.
create table store (id integer primary key check (id = 1), name blob not null) strict;
