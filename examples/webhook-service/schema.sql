CREATE TABLE IF NOT EXISTS customers (id text PRIMARY KEY, name text NOT NULL, plan text NOT NULL);
CREATE TABLE IF NOT EXISTS webhook_events (
  id text PRIMARY KEY,
  type text NOT NULL,
  customer_id text NOT NULL,
  received_at timestamptz NOT NULL DEFAULT now(),
  processed_at timestamptz
);
INSERT INTO customers (id, name, plan) SELECT 'ctm_' || n, 'Customer ' || n, 'pro' FROM generate_series(1, 50) AS n ON CONFLICT DO NOTHING;
