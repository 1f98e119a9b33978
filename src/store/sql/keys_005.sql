-- Which master key each was sealed under; none for those of before, which whichever opens them sealed.
alter table master add column master blob;
alter table site_key add column master blob;
