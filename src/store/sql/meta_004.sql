-- When the first batch of a recording said on what basis it was made: the receipt of a consent. By the server's clock.
alter table recording add column consent_at integer;
