-- What waits to be sorted into the index of words is sorted in by whoever fills the list up, in one go, and the commits of
-- webhooks wait for what that writes: many short waits instead of few long ones.
{postgres}
ALTER INDEX search_messages_words SET (gin_pending_list_limit = 64);
ALTER INDEX search_rooms_words SET (gin_pending_list_limit = 64);
{end}
