-- The run that a keyframe is compressed against: the batch that it begins with. None for those of before runs.
alter table keyframe add column base_page blob;
alter table keyframe add column base_seq integer;
