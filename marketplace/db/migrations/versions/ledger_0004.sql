-- The fen line: tables, guards and verbs. Each fen that enters a fund has the next serial number of that fund; a fund is a line of
-- fen [0, tail); each fen is at any time in exactly one account; a movement carries ranges of fen from one account to another.
-- Everything here belongs to the role @ledger@, which cannot log in. @app@ may read and call the verbs, and nothing else.
-- Refusals, by SQLSTATE; what they are about is in the DETAIL, as JSON:
--   LG001 key was used for another call    LG002 not enough fen there         LG003 lengths do not agree (never seen)
--   LG004 spans are not as long as amount  LG005 no attempt orders this       LG006 a fund cannot be transferred to itself
--   LG007 unlawful move                    LG008 receipt was touched          LG009 no such fund
--   LG010 no such receipt here             LG011 batch is not well formed     LG012 amount is not above zero

CREATE DOMAIN span AS int8range CONSTRAINT span_whole CHECK (        -- canonical [a,b); coalesce, because a CHECK that is NULL passes
  VALUE IS NULL OR (NOT isempty(VALUE) AND NOT upper_inf(VALUE) AND coalesce(lower(VALUE) >= 0, false)));
CREATE DOMAIN account_role AS text CONSTRAINT account_role_known CHECK (VALUE IN (
  'clearing', 'available', 'reserved', 'committed', 'retention', 'payable', 'in_transit', 'paid', 'fee', 'refunded', 'returned',
  'transferred', 'voided'));
CREATE DOMAIN verb AS text CONSTRAINT verb_known CHECK (VALUE IN ('receive', 'move', 'attempt', 'exchange', 'transfer', 'void'));
CREATE DOMAIN fen AS bigint CONSTRAINT fen_above_zero CHECK (VALUE > 0);
CREATE DOMAIN fen_left AS bigint CONSTRAINT fen_never_negative CHECK (VALUE >= 0);

CREATE TABLE fund (
  id         uuid PRIMARY KEY,
  custody    text NOT NULL CHECK (custody IN ('quota', 'bank', 'gateway')),
  tail       fen_left NOT NULL DEFAULT 0,                            -- next serial number
  opened_at  timestamptz NOT NULL
) WITH (fillfactor = 50);

CREATE TABLE account (
  id       bigint GENERATED ALWAYS AS IDENTITY,
  fund_id  uuid NOT NULL REFERENCES fund,
  role     account_role NOT NULL,
  ref      uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',  -- project, contract, milestone, payment …; zeros: none
  PRIMARY KEY (id, fund_id),
  UNIQUE (fund_id, role, ref),
  CONSTRAINT account_ref_fits CHECK (CASE
    WHEN role = 'available' THEN ref = '00000000-0000-0000-0000-000000000000'
    WHEN role IN ('clearing', 'fee', 'returned', 'voided') THEN true
    ELSE ref <> '00000000-0000-0000-0000-000000000000' END)
);
CREATE INDEX account_ref ON account (ref) WHERE ref <> '00000000-0000-0000-0000-000000000000';

CREATE TABLE total (                                                 -- what all accounts of one role hold, kept up by the verbs
  fund_id    uuid NOT NULL REFERENCES fund,
  role       account_role NOT NULL,
  amount_fen fen_left NOT NULL DEFAULT 0,
  PRIMARY KEY (fund_id, role)
) WITH (fillfactor = 50);

CREATE TABLE lawful_move (                                           -- the law of the line: which verb may carry fen from where to where
  verb      verb NOT NULL,
  from_role text NOT NULL,
  to_role   account_role NOT NULL,
  PRIMARY KEY (verb, from_role, to_role)
);

CREATE TABLE attempt (                                               -- one order to pay or refund; its outcome lives with the rail
  id           uuid PRIMARY KEY,
  fund_id      uuid NOT NULL,
  from_account bigint NOT NULL,
  outcome      text NOT NULL CHECK (outcome IN ('paid', 'refunded')),
  amount_fen   fen NOT NULL,
  actor        uuid NOT NULL,
  at           timestamptz NOT NULL,
  UNIQUE (id, fund_id, from_account, amount_fen),
  FOREIGN KEY (from_account, fund_id) REFERENCES account (id, fund_id)
);

CREATE TABLE movement (
  id           bigint GENERATED ALWAYS AS IDENTITY,                  -- given under the fund's lock: the order within a fund
  fund_id      uuid NOT NULL,
  verb         verb NOT NULL,
  key          text NOT NULL UNIQUE,                                 -- idempotency
  args_hash    bytea NOT NULL,
  from_account bigint,                                               -- NULL: money enters the line
  to_account   bigint NOT NULL,
  amount_fen   fen NOT NULL,
  attempt_id   uuid,                                                 -- what lets fen become paid or refunded
  cause        text NOT NULL,
  actor        uuid NOT NULL,                                        -- zeros: the system
  value_date   date NOT NULL,
  at           timestamptz NOT NULL,                                 -- the caller's clock
  recorded_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (fund_id, id),
  FOREIGN KEY (from_account, fund_id) REFERENCES account (id, fund_id),
  FOREIGN KEY (to_account, fund_id) REFERENCES account (id, fund_id),
  FOREIGN KEY (attempt_id, fund_id, from_account, amount_fen) REFERENCES attempt (id, fund_id, from_account, amount_fen),
  CONSTRAINT movement_whole CHECK (key <> '' AND from_account IS DISTINCT FROM to_account AND (attempt_id IS NOT NULL) = (verb = 'attempt')
    AND (from_account IS NOT NULL OR verb = 'receive' OR verb = 'transfer'))
);
CREATE UNIQUE INDEX movement_attempt ON movement (attempt_id) WHERE attempt_id IS NOT NULL;      -- once
CREATE INDEX movement_day ON movement (fund_id, value_date, id);
CREATE INDEX movement_from ON movement (from_account, id);
CREATE INDEX movement_to ON movement (to_account, id);

CREATE TABLE movement_span (
  movement_id bigint NOT NULL,
  fund_id     uuid NOT NULL,
  span        span NOT NULL,
  PRIMARY KEY (movement_id, span),
  FOREIGN KEY (fund_id, movement_id) REFERENCES movement (fund_id, id)
);
CREATE INDEX movement_span_line ON movement_span USING gist (fund_id, span);

CREATE TABLE receipt (
  id             uuid PRIMARY KEY,
  fund_id        uuid NOT NULL,
  movement_id    bigint NOT NULL UNIQUE,
  origin_id      bigint UNIQUE,                                      -- the movement into `transferred` that this receipt continues
  origin_fund_id uuid,
  span           span NOT NULL,
  FOREIGN KEY (fund_id, movement_id) REFERENCES movement (fund_id, id),
  FOREIGN KEY (origin_fund_id, origin_id) REFERENCES movement (fund_id, id),
  CHECK ((origin_id IS NULL) = (origin_fund_id IS NULL)),
  CHECK (origin_fund_id <> fund_id),
  EXCLUDE USING gist (fund_id WITH =, span WITH &&)
);
CREATE INDEX receipt_arrived ON receipt (fund_id) WHERE origin_id IS NOT NULL;

CREATE TABLE holding (                                               -- where each fen is now
  fund_id    uuid NOT NULL,
  account_id bigint NOT NULL,
  span       span NOT NULL,
  FOREIGN KEY (account_id, fund_id) REFERENCES account (id, fund_id),
  EXCLUDE USING gist (fund_id WITH =, span WITH &&)
) WITH (fillfactor = 70);
CREATE INDEX holding_first ON holding (account_id, upper(span));     -- FIFO within an account: by upper is by lower; and who ends here
CREATE INDEX holding_next ON holding (account_id, lower(span));      -- who begins here

INSERT INTO lawful_move (verb, from_role, to_role)
SELECT verb, from_role, unnest(string_to_array(to_roles, ' ')) FROM (VALUES
  ('receive',  'outside',    'available clearing'),
  ('move',     'clearing',   'available returned fee'),              -- identified; sent back; the gateway's part
  ('move',     'available',  'reserved clearing fee returned'),      -- clearing: in doubt, or set aside for a refund
  ('move',     'reserved',   'committed available'),
  ('move',     'committed',  'payable retention available reserved'),
  ('move',     'retention',  'payable available'),
  ('move',     'payable',    'in_transit retention committed'),
  ('move',     'in_transit', 'payable'),                             -- the order failed
  ('attempt',  'in_transit', 'paid'),
  ('attempt',  'clearing',   'refunded'),
  ('move',     'paid',       'available payable'),                   -- money came back: free again, or still owed
  ('move',     'refunded',   'available'),                           -- the refund came back
  ('move',     'fee',        'available'),                           -- the fee was given back
  ('exchange', 'available',  'reserved committed retention payable clearing'),
  ('exchange', 'clearing',   'available reserved committed retention payable'),
  ('exchange', 'reserved',   'available clearing reserved committed retention payable'),
  ('exchange', 'committed',  'available clearing reserved committed retention payable'),
  ('exchange', 'retention',  'available clearing reserved committed retention payable'),
  ('exchange', 'payable',    'available clearing reserved committed retention payable'),
  ('transfer', 'outside',    'available'),
  ('transfer', 'available',  'transferred'),
  ('void',     'available',  'voided'),
  ('void',     'clearing',   'voided')) AS law (verb, from_role, to_roles);
