-- The relational pattern: one transaction an event, which is unique by its id, locks the subscriber's row, and leaves an audit row.
create table subscriptions(user_id int primary key, allowance bigint, rollover bigint, purchased bigint);
create table periods(user_id int primary key, used bigint);
create table usage_log(
  event_id text primary key, user_id int, amount bigint, breakdown jsonb, created_at timestamptz default now());
create table daily_usage(user_id int, day date, tokens bigint, queries bigint, primary key (user_id, day));
insert into subscriptions select i, 1000000000000, 0, 0 from generate_series(1, 20000) i;
insert into periods select i, 0 from generate_series(1, 20000) i;
create function record_usage(event text, subscriber int, quantity bigint) returns bigint language plpgsql as $$
declare
  subscription subscriptions;
  total bigint;
begin
  insert into usage_log(event_id, user_id, amount, breakdown)
    values (event, subscriber, quantity, '{"from_subscription":1,"from_rollover":0,"from_purchased":0}') on conflict do nothing;
  if not found then return -1; end if;
  select * into subscription from subscriptions where user_id = subscriber for update;
  update periods set used = used + quantity where user_id = subscriber returning used into total;
  insert into daily_usage values (subscriber, current_date, quantity, 1)
    on conflict (user_id, day) do update set tokens = daily_usage.tokens + excluded.tokens, queries = daily_usage.queries + 1;
  return total;
end $$;
