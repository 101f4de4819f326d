-- The verbs of the fen line. Each locks its fund in a statement of its own before it reads anything; `p_now` is the caller's clock.

-- First in every story, once, for all its funds, ascending. NO KEY UPDATE, because a foreign key to fund takes KEY SHARE.
CREATE FUNCTION lock_funds(p_ids uuid[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM fund WHERE id = ANY (p_ids) ORDER BY id FOR NO KEY UPDATE;
END $$;

-- Internal. The fund's lock, or a refusal where there is no such fund.
CREATE FUNCTION hold_fund(p_fund uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM fund WHERE id = p_fund FOR NO KEY UPDATE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'no such fund' USING ERRCODE = 'LG009', DETAIL = json_build_object('fund_id', p_fund);
  END IF;
END $$;

CREATE FUNCTION open_fund(p_id uuid, p_custody text, p_now timestamptz) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO fund (id, custody, opened_at) VALUES (p_id, p_custody, p_now) ON CONFLICT (id) DO NOTHING;
  IF FOUND THEN
    INSERT INTO total (fund_id, role) SELECT DISTINCT p_id, to_role FROM lawful_move;
  ELSIF NOT EXISTS (SELECT FROM fund WHERE id = p_id AND custody = p_custody) THEN
    RAISE EXCEPTION 'this fund is open in another custody' USING ERRCODE = 'LG001', DETAIL = json_build_object('key', p_id);
  END IF;
END $$;

-- The number of an account, opened when it is not there yet; the lock first, so that two openers never wait for each other.
CREATE FUNCTION account_of(p_fund uuid, p_role text, p_ref uuid) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE v_id bigint;
BEGIN
  SELECT id INTO v_id FROM account WHERE fund_id = p_fund AND role = p_role AND ref = p_ref;
  IF v_id IS NULL THEN
    PERFORM hold_fund(p_fund);
    INSERT INTO account (fund_id, role, ref) VALUES (p_fund, p_role, p_ref) ON CONFLICT DO NOTHING;
    SELECT id INTO STRICT v_id FROM account WHERE fund_id = p_fund AND role = p_role AND ref = p_ref;
  END IF;
  RETURN v_id;
END $$;

-- Orders to pay (`paid`) or to give back (`refunded`), one for each element; the same order given twice is one order.
CREATE FUNCTION order_attempts(p_fund uuid, p_ids uuid[], p_roles text[], p_refs uuid[], p_outcome text, p_amounts bigint[],
                               p_actor uuid, p_now timestamptz) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM hold_fund(p_fund);
  INSERT INTO account (fund_id, role, ref) SELECT DISTINCT p_fund, role, ref FROM unnest(p_roles, p_refs) AS item (role, ref)
    ON CONFLICT DO NOTHING;
  INSERT INTO attempt (id, fund_id, from_account, outcome, amount_fen, actor, at)
    SELECT item.id, p_fund, a.id, p_outcome, item.amount_fen, p_actor, p_now
    FROM unnest(p_ids, p_roles, p_refs, p_amounts) AS item (id, role, ref, amount_fen)
    JOIN account a ON a.fund_id = p_fund AND a.role = item.role AND a.ref = item.ref
    ON CONFLICT (id) DO NOTHING;
  IF EXISTS (
    SELECT FROM unnest(p_ids, p_roles, p_refs, p_amounts) AS item (id, role, ref, amount_fen)
    LEFT JOIN attempt t ON t.id = item.id AND t.fund_id = p_fund AND t.outcome = p_outcome AND t.amount_fen = item.amount_fen
    LEFT JOIN account a ON a.id = t.from_account AND a.role = item.role AND a.ref = item.ref
    WHERE a.id IS NULL) THEN
    RAISE EXCEPTION 'this attempt was ordered otherwise' USING ERRCODE = 'LG001', DETAIL = json_build_object('key', p_ids[1]);
  END IF;
  IF EXISTS (SELECT FROM unnest(p_roles) AS r (role) WHERE NOT EXISTS (
    SELECT FROM lawful_move l WHERE l.verb = 'attempt' AND l.from_role = r.role AND l.to_role = p_outcome)) THEN
    RAISE EXCEPTION 'no attempt may lead from there' USING ERRCODE = 'LG007',
      DETAIL = json_build_object('verb', 'attempt', 'from', p_roles[1], 'to', p_outcome);
  END IF;
END $$;

-- Internal. The movement already made under this key, or NULL; the same key for another call is refused.
CREATE FUNCTION replayed(p_key text, p_hash bytea) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE v_id bigint; v_hash bytea;
BEGIN
  SELECT id, args_hash INTO v_id, v_hash FROM movement WHERE key = p_key;
  IF v_hash <> p_hash THEN
    RAISE EXCEPTION 'key % was used for another call', p_key USING ERRCODE = 'LG001', DETAIL = json_build_object('key', p_key);
  END IF;
  RETURN v_id;
END $$;

-- Internal. The end of a refusal for want of fen.
CREATE FUNCTION short_by(p_fen bigint, p_role text, p_ref uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'short by % fen', p_fen USING ERRCODE = 'LG002',
    DETAIL = json_build_object('short_fen', p_fen, 'role', p_role, 'ref', p_ref);
END $$;

CREATE FUNCTION length_fen(p_spans int8multirange) RETURNS bigint LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS
  $$ SELECT coalesce(sum(upper(u) - lower(u)), 0)::bigint FROM unnest(p_spans) u $$;

-- Internal. Which fen a movement takes from an account: the lowest serials within [p_lo, p_hi).
CREATE FUNCTION lowest(p_account bigint, p_lo bigint, p_hi bigint, p_amount bigint, p_role text, p_ref uuid) RETURNS int8multirange
LANGUAGE plpgsql AS $$
DECLARE v_lo bigint; v_hi bigint; v_need bigint := p_amount; v_got int8multirange;
BEGIN
  FOR v_lo, v_hi IN SELECT lower(span), upper(span) FROM holding WHERE account_id = p_account AND upper(span) > p_lo ORDER BY upper(span) LOOP
    EXIT WHEN v_lo >= p_hi;
    v_hi := least(v_hi, p_hi);
    v_need := v_need - (v_hi - greatest(v_lo, p_lo));
    EXIT WHEN v_need <= 0;
  END LOOP;
  IF v_need > 0 THEN PERFORM short_by(v_need, p_role, p_ref); END IF;
  SELECT range_agg(span::int8range) * int8multirange(int8range(p_lo, v_hi + v_need)) INTO v_got
    FROM holding WHERE account_id = p_account AND upper(span) > p_lo AND lower(span) < v_hi + v_need;
  RETURN v_got;
END $$;

-- Internal. Take exactly these spans out of an account. Adjacent spans in one account are one row, so each lies in one holding.
CREATE FUNCTION take(p_fund uuid, p_account bigint, p_spans int8multirange, p_role text, p_ref uuid) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE v_touched int8multirange; v_short bigint;
BEGIN
  SELECT range_agg(h.span::int8range), coalesce(sum(upper(u) - lower(u)) FILTER (WHERE h.span IS NULL), 0) INTO v_touched, v_short
    FROM unnest(p_spans) u LEFT JOIN LATERAL (
      SELECT span FROM holding WHERE account_id = p_account AND upper(span) >= upper(u) ORDER BY upper(span) LIMIT 1) h
      ON lower(h.span) <= lower(u);
  IF v_short > 0 THEN PERFORM short_by(v_short, p_role, p_ref); END IF;
  DELETE FROM holding h USING unnest(v_touched) u WHERE h.account_id = p_account AND upper(h.span) = upper(u);
  INSERT INTO holding (fund_id, account_id, span) SELECT p_fund, p_account, u FROM unnest(v_touched - p_spans) u;
END $$;

-- Internal. Lay spans into an account, merged with their neighbours there: delete first, then insert.
CREATE FUNCTION lay(p_fund uuid, p_account bigint, p_spans int8multirange) RETURNS void LANGUAGE plpgsql AS $$
DECLARE v_beside int8multirange;
BEGIN
  WITH gone AS (
    DELETE FROM holding WHERE ctid IN (
      SELECT h.ctid FROM unnest(p_spans) u JOIN holding h ON h.account_id = p_account AND upper(h.span) = lower(u)
      UNION SELECT h.ctid FROM unnest(p_spans) u JOIN holding h ON h.account_id = p_account AND lower(h.span) = upper(u))
    RETURNING span)
  SELECT coalesce(range_agg(span::int8range), '{}') INTO v_beside FROM gone;
  INSERT INTO holding (fund_id, account_id, span) SELECT p_fund, p_account, u FROM unnest(p_spans + v_beside) u;
END $$;

-- Internal. Carry fen between two accounts of a fund whose lock is held: the lowest serials within [p_lo, p_hi), or exactly p_spans.
CREATE FUNCTION carry(p_verb text, p_key text, p_hash bytea, p_fund uuid, p_from_role text, p_from_ref uuid, p_to_role text, p_to_ref uuid,
                      p_amount bigint, p_cause text, p_actor uuid, p_value_date date, p_now timestamptz,
                      p_lo bigint, p_hi bigint, p_spans int8multirange, p_attempt uuid) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  v_from bigint; v_to bigint; v_lawful boolean; v_row tid; v_row_lo bigint; v_row_hi bigint; v_lo bigint; v_hi bigint; v_movement bigint;
  v_spans int8multirange := p_spans; v_short_way boolean;
  v_before tid; v_new_lo bigint; v_after tid; v_new_hi bigint;
BEGIN
  SELECT f.id, t.id, l.verb IS NOT NULL, h.ctid, lower(h.span), upper(h.span) INTO v_from, v_to, v_lawful, v_row, v_row_lo, v_row_hi
    FROM (SELECT) AS one
    LEFT JOIN lawful_move l ON l.verb = p_verb AND l.from_role = p_from_role AND l.to_role = p_to_role
    LEFT JOIN account f ON f.fund_id = p_fund AND f.role = p_from_role AND f.ref = p_from_ref
    LEFT JOIN account t ON t.fund_id = p_fund AND t.role = p_to_role AND t.ref = p_to_ref
    LEFT JOIN LATERAL (SELECT ctid, span FROM holding WHERE account_id = f.id AND upper(span) > p_lo ORDER BY upper(span) LIMIT 1) h ON true;
  v_lo := greatest(v_row_lo, p_lo);
  v_hi := v_lo + p_amount;
  v_short_way := coalesce(p_spans IS NULL AND v_row IS NOT NULL AND p_amount > 0 AND v_hi <= least(v_row_hi, p_hi), false);
  IF NOT (v_lawful AND v_short_way AND v_to IS NOT NULL) THEN        -- anything out of the ordinary: look for a replay, then for a reason
    v_movement := replayed(p_key, p_hash);
    IF v_movement IS NOT NULL THEN RETURN v_movement; END IF;
    IF p_amount IS NULL OR p_amount <= 0 THEN RAISE EXCEPTION 'an amount is above zero' USING ERRCODE = 'LG012'; END IF;
    IF NOT v_lawful THEN
      RAISE EXCEPTION '% may not lead from % to %', p_verb, p_from_role, p_to_role USING ERRCODE = 'LG007',
        DETAIL = json_build_object('verb', p_verb, 'from', p_from_role, 'to', p_to_role);
    END IF;
    IF v_from IS NULL THEN PERFORM short_by(p_amount, p_from_role, p_from_ref); END IF;
    IF v_to IS NULL THEN
      INSERT INTO account (fund_id, role, ref) VALUES (p_fund, p_to_role, p_to_ref) RETURNING id INTO v_to;
    END IF;
    IF NOT v_short_way AND v_spans IS NULL THEN v_spans := lowest(v_from, p_lo, p_hi, p_amount, p_from_role, p_from_ref); END IF;
  END IF;
  IF v_short_way THEN
    WITH made AS (
      INSERT INTO movement (fund_id, verb, key, args_hash, from_account, to_account, amount_fen, attempt_id, cause, actor, value_date, at)
      VALUES (p_fund, p_verb, p_key, p_hash, v_from, v_to, p_amount, p_attempt, p_cause, p_actor, p_value_date, p_now)
      ON CONFLICT (key) DO NOTHING RETURNING id)
    INSERT INTO movement_span (movement_id, fund_id, span) SELECT id, p_fund, int8range(v_lo, v_hi) FROM made
      RETURNING movement_id INTO v_movement;
    IF v_movement IS NULL THEN RETURN replayed(p_key, p_hash); END IF;
    SELECT b.ctid, coalesce(lower(b.span), v_lo), a.ctid, coalesce(upper(a.span), v_hi) INTO v_before, v_new_lo, v_after, v_new_hi
      FROM (SELECT) AS one
      LEFT JOIN holding b ON b.account_id = v_to AND upper(b.span) = v_lo
      LEFT JOIN holding a ON a.account_id = v_to AND lower(a.span) = v_hi;
    IF v_row_lo < v_lo THEN
      UPDATE holding SET span = int8range(v_row_lo, v_lo) WHERE ctid = v_row;
      IF v_hi < v_row_hi THEN INSERT INTO holding (fund_id, account_id, span) VALUES (p_fund, v_from, int8range(v_hi, v_row_hi)); END IF;
    ELSIF v_hi < v_row_hi THEN
      UPDATE holding SET span = int8range(v_hi, v_row_hi) WHERE ctid = v_row;
    ELSE
      DELETE FROM holding WHERE ctid = v_row;
    END IF;
    IF v_before IS NULL AND v_after IS NULL THEN
      INSERT INTO holding (fund_id, account_id, span) VALUES (p_fund, v_to, int8range(v_lo, v_hi));
    ELSE
      IF v_before IS NOT NULL AND v_after IS NOT NULL THEN DELETE FROM holding WHERE ctid = v_after; END IF;
      UPDATE holding SET span = int8range(v_new_lo, v_new_hi) WHERE ctid = coalesce(v_before, v_after);
    END IF;
  ELSE
    IF length_fen(v_spans) <> p_amount THEN RAISE EXCEPTION 'lengths do not agree' USING ERRCODE = 'LG003'; END IF;
    INSERT INTO movement (fund_id, verb, key, args_hash, from_account, to_account, amount_fen, attempt_id, cause, actor, value_date, at)
      VALUES (p_fund, p_verb, p_key, p_hash, v_from, v_to, p_amount, p_attempt, p_cause, p_actor, p_value_date, p_now) RETURNING id INTO v_movement;
    INSERT INTO movement_span (movement_id, fund_id, span) SELECT v_movement, p_fund, u FROM unnest(v_spans) u;
    PERFORM take(p_fund, v_from, v_spans, p_from_role, p_from_ref);
    PERFORM lay(p_fund, v_to, v_spans);
  END IF;
  IF p_from_role <> p_to_role THEN
    UPDATE total SET amount_fen = amount_fen + CASE role WHEN p_to_role THEN p_amount ELSE -p_amount END
      WHERE fund_id = p_fund AND role IN (p_from_role, p_to_role);
  END IF;
  RETURN v_movement;
END $$;

-- Internal. New fen at the end of the line of a fund whose lock is held.
CREATE FUNCTION enter(p_verb text, p_key text, p_hash bytea, p_receipt uuid, p_fund uuid, p_to_role text, p_to_ref uuid, p_amount bigint,
                      p_cause text, p_actor uuid, p_value_date date, p_now timestamptz, p_origin bigint, p_origin_fund uuid)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE v_hi bigint; v_to bigint; v_movement bigint; v_span int8range;
BEGIN
  IF p_amount IS NULL OR p_amount <= 0 THEN RAISE EXCEPTION 'an amount is above zero' USING ERRCODE = 'LG012'; END IF;
  IF NOT EXISTS (SELECT FROM lawful_move WHERE verb = p_verb AND from_role = 'outside' AND to_role = p_to_role) THEN
    RAISE EXCEPTION 'money does not enter there' USING ERRCODE = 'LG007',
      DETAIL = json_build_object('verb', p_verb, 'from', 'outside', 'to', p_to_role);
  END IF;
  v_to := account_of(p_fund, p_to_role, p_to_ref);
  UPDATE fund SET tail = tail + p_amount WHERE id = p_fund RETURNING tail INTO v_hi;
  v_span := int8range(v_hi - p_amount, v_hi);
  INSERT INTO movement (fund_id, verb, key, args_hash, to_account, amount_fen, cause, actor, value_date, at)
    VALUES (p_fund, p_verb, p_key, p_hash, v_to, p_amount, p_cause, p_actor, p_value_date, p_now) RETURNING id INTO v_movement;
  INSERT INTO movement_span (movement_id, fund_id, span) VALUES (v_movement, p_fund, v_span);
  INSERT INTO receipt (id, fund_id, movement_id, origin_id, origin_fund_id, span)
    VALUES (p_receipt, p_fund, v_movement, p_origin, p_origin_fund, v_span);
  PERFORM lay(p_fund, v_to, int8multirange(v_span));
  UPDATE total SET amount_fen = amount_fen + p_amount WHERE fund_id = p_fund AND role = p_to_role;
  RETURN v_movement;
END $$;

-- Money enters a fund: an appropriation, an allotment, a gift, interest. The receipt owns the range it brought in.
CREATE FUNCTION receive(p_key text, p_receipt uuid, p_fund uuid, p_to_role text, p_to_ref uuid, p_amount bigint, p_cause text,
                        p_actor uuid, p_value_date date, p_now timestamptz) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  v_hash bytea := sha256(convert_to(jsonb_build_array(
    'receive', p_receipt, p_fund, p_to_role, p_to_ref, p_amount, p_cause, p_value_date)::text, 'UTF8'));
BEGIN
  PERFORM hold_fund(p_fund);
  RETURN coalesce(replayed(p_key, v_hash), enter(
    'receive', p_key, v_hash, p_receipt, p_fund, p_to_role, p_to_ref, p_amount, p_cause, p_actor, p_value_date, p_now, NULL, NULL));
END $$;

-- Internal. The part of the line that a receipt owns; the whole line where none is named.
CREATE FUNCTION stretch_of(p_fund uuid, p_receipt uuid) RETURNS int8range LANGUAGE plpgsql AS $$
DECLARE v_span int8range;
BEGIN
  SELECT span INTO v_span FROM receipt WHERE id = p_receipt AND fund_id = p_fund;
  IF v_span IS NULL THEN
    RAISE EXCEPTION 'no such receipt in this fund' USING ERRCODE = 'LG010', DETAIL = json_build_object('receipt_id', p_receipt);
  END IF;
  RETURN v_span;
END $$;

-- Move `p_amount` fen, lowest serials first; only of one receipt when `p_receipt` is given; exactly `p_spans` when those are.
CREATE FUNCTION move(p_key text, p_fund uuid, p_from_role text, p_from_ref uuid, p_to_role text, p_to_ref uuid, p_amount bigint,
                     p_cause text, p_actor uuid, p_value_date date, p_now timestamptz,
                     p_spans int8multirange DEFAULT NULL, p_receipt uuid DEFAULT NULL, p_attempt uuid DEFAULT NULL)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  v_hash bytea := sha256(convert_to(jsonb_build_array(
    'move', p_fund, p_from_role, p_from_ref, p_to_role, p_to_ref, p_amount, p_cause, p_value_date, p_spans::text, p_receipt, p_attempt)::text, 'UTF8'));
  v_within int8range := '[0,9223372036854775807)';
  v_spans int8multirange := p_spans;
BEGIN
  PERFORM 1 FROM fund WHERE id = p_fund FOR NO KEY UPDATE;            -- the lock, in a statement of its own, before anything is read
  IF NOT FOUND THEN PERFORM hold_fund(p_fund); END IF;
  IF p_receipt IS NOT NULL THEN v_within := stretch_of(p_fund, p_receipt); END IF;
  IF p_spans IS NOT NULL THEN
    IF length_fen(p_spans) <> p_amount OR NOT p_spans <@ v_within THEN
      RAISE EXCEPTION 'these spans are not % fen of it', p_amount USING ERRCODE = 'LG004';
    END IF;
    IF int8multirange(range_merge(p_spans)) = p_spans THEN v_within := range_merge(p_spans); v_spans := NULL; END IF;
  END IF;
  IF p_attempt IS NOT NULL OR p_to_role IN ('paid', 'refunded') THEN
    PERFORM 1 FROM attempt t JOIN account a ON a.id = t.from_account
      WHERE t.id = p_attempt AND t.fund_id = p_fund AND t.outcome = p_to_role AND t.amount_fen = p_amount
        AND a.role = p_from_role AND a.ref = p_from_ref AND NOT EXISTS (SELECT FROM movement WHERE attempt_id = p_attempt AND key <> p_key);
    IF NOT FOUND THEN
      RAISE EXCEPTION 'no attempt orders this' USING ERRCODE = 'LG005', DETAIL = json_build_object('attempt_id', p_attempt);
    END IF;
  END IF;
  RETURN carry(CASE WHEN p_attempt IS NULL THEN 'move' ELSE 'attempt' END, p_key, v_hash, p_fund, p_from_role, p_from_ref,
               p_to_role, p_to_ref, p_amount, p_cause, p_actor, p_value_date, p_now, lower(v_within), upper(v_within), v_spans, p_attempt);
END $$;

-- Equal fen of two accounts change places, as two recorded movements: the fen named (a receipt's, these spans, else the lowest) leave
-- the first account for the second, and the lowest of the second, but none of that receipt, come back for them under the key `…/back`.
CREATE FUNCTION exchange(p_key text, p_fund uuid, p_from_role text, p_from_ref uuid, p_to_role text, p_to_ref uuid, p_amount bigint,
                         p_cause text, p_actor uuid, p_value_date date, p_now timestamptz,
                         p_spans int8multirange DEFAULT NULL, p_receipt uuid DEFAULT NULL) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  v_hash bytea := sha256(convert_to(jsonb_build_array('exchange', p_fund, p_from_role, p_from_ref, p_to_role, p_to_ref, p_amount, p_cause,
    p_value_date, p_spans::text, p_receipt)::text, 'UTF8'));
  v_within int8range := '[0,9223372036854775807)'; v_spans int8multirange := p_spans; v_back int8multirange; v_to bigint; v_below bigint;
  v_movement bigint;
BEGIN
  PERFORM hold_fund(p_fund);
  v_movement := replayed(p_key, v_hash);
  IF v_movement IS NOT NULL THEN RETURN v_movement; END IF;
  IF p_amount IS NULL OR p_amount <= 0 THEN RAISE EXCEPTION 'an amount is above zero' USING ERRCODE = 'LG012'; END IF;
  IF p_receipt IS NOT NULL THEN v_within := stretch_of(p_fund, p_receipt); END IF;
  IF p_spans IS NULL THEN
    v_spans := lowest(account_of(p_fund, p_from_role, p_from_ref), lower(v_within), upper(v_within), p_amount, p_from_role, p_from_ref);
  ELSIF length_fen(p_spans) <> p_amount OR NOT p_spans <@ v_within THEN
    RAISE EXCEPTION 'these spans are not % fen of it', p_amount USING ERRCODE = 'LG004';
  END IF;
  IF p_receipt IS NOT NULL THEN
    v_to := account_of(p_fund, p_to_role, p_to_ref);
    SELECT least(p_amount, coalesce(sum(least(upper(span), lower(v_within)) - lower(span)), 0)) INTO v_below
      FROM holding WHERE account_id = v_to AND lower(span) < lower(v_within);
    v_back := '{}';
    IF v_below > 0 THEN v_back := lowest(v_to, 0, lower(v_within), v_below, p_to_role, p_to_ref); END IF;
    IF v_below < p_amount THEN
      v_back := v_back + lowest(v_to, upper(v_within), 9223372036854775807, p_amount - v_below, p_to_role, p_to_ref);
    END IF;
  END IF;
  PERFORM carry('exchange', p_key || '/back', v_hash, p_fund, p_to_role, p_to_ref, p_from_role, p_from_ref, p_amount,
                p_cause, p_actor, p_value_date, p_now, 0, 9223372036854775807, v_back, NULL);
  RETURN carry('exchange', p_key, v_hash, p_fund, p_from_role, p_from_ref, p_to_role, p_to_ref, p_amount,
               p_cause, p_actor, p_value_date, p_now, 0, 9223372036854775807, v_spans, NULL);
END $$;

-- A lawful change of purpose: both halves or none. The new receipt continues the old fen in their order; the half that lets them go has
-- the key `…/out`.
CREATE FUNCTION transfer(p_key text, p_receipt uuid, p_fund uuid, p_to_fund uuid, p_amount bigint, p_cause text, p_actor uuid,
                         p_value_date date, p_now timestamptz, p_spans int8multirange DEFAULT NULL, p_of_receipt uuid DEFAULT NULL)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  v_none uuid := '00000000-0000-0000-0000-000000000000';
  v_hash bytea := sha256(convert_to(jsonb_build_array('transfer', p_receipt, p_fund, p_to_fund, p_amount, p_cause, p_value_date,
    p_spans::text, p_of_receipt)::text, 'UTF8'));
  v_within int8range := '[0,9223372036854775807)'; v_movement bigint; v_out bigint;
BEGIN
  IF p_fund = p_to_fund THEN RAISE EXCEPTION 'a fund cannot be transferred to itself' USING ERRCODE = 'LG006'; END IF;
  PERFORM lock_funds(ARRAY[p_fund, p_to_fund]);
  PERFORM hold_fund(p_fund), hold_fund(p_to_fund);
  v_movement := replayed(p_key, v_hash);
  IF v_movement IS NOT NULL THEN RETURN v_movement; END IF;
  IF p_of_receipt IS NOT NULL THEN v_within := stretch_of(p_fund, p_of_receipt); END IF;
  IF length_fen(p_spans) <> p_amount OR NOT p_spans <@ v_within THEN
    RAISE EXCEPTION 'these spans are not % fen of it', p_amount USING ERRCODE = 'LG004';
  END IF;
  v_out := carry('transfer', p_key || '/out', v_hash, p_fund, 'available', v_none, 'transferred', p_to_fund, p_amount, p_cause, p_actor,
                 p_value_date, p_now, lower(v_within), upper(v_within), p_spans, NULL);
  RETURN enter('transfer', p_key, v_hash, p_receipt, p_to_fund, 'available', v_none, p_amount, p_cause, p_actor, p_value_date, p_now,
               v_out, p_fund);
END $$;

-- Take back a mistyped receipt. It must lie whole where it came in, and none of it may ever have left the fund or been on its way out.
CREATE FUNCTION void(p_key text, p_fund uuid, p_receipt uuid, p_cause text, p_actor uuid, p_value_date date, p_now timestamptz)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  v_hash bytea := sha256(convert_to(jsonb_build_array('void', p_fund, p_receipt, p_cause, p_value_date)::text, 'UTF8'));
  v_span int8range; v_role text; v_ref uuid; v_movement bigint;
BEGIN
  PERFORM hold_fund(p_fund);
  v_movement := replayed(p_key, v_hash);
  IF v_movement IS NOT NULL THEN RETURN v_movement; END IF;
  v_span := stretch_of(p_fund, p_receipt);
  SELECT a.role, a.ref INTO v_role, v_ref
    FROM receipt r JOIN movement m ON m.fund_id = r.fund_id AND m.id = r.movement_id JOIN account a ON a.id = m.to_account
    JOIN holding h ON h.account_id = a.id AND upper(h.span) >= upper(v_span) AND h.span::int8range @> v_span
    WHERE r.id = p_receipt AND r.origin_id IS NULL AND NOT EXISTS (
      SELECT FROM movement_span s JOIN movement o ON o.fund_id = s.fund_id AND o.id = s.movement_id JOIN account x ON x.id = o.to_account
      WHERE s.fund_id = p_fund AND s.span && v_span AND x.role NOT IN ('clearing', 'available', 'reserved', 'committed'));
  IF NOT FOUND THEN
    RAISE EXCEPTION 'this receipt was touched' USING ERRCODE = 'LG008', DETAIL = json_build_object('receipt_id', p_receipt);
  END IF;
  RETURN carry('void', p_key, v_hash, p_fund, v_role, v_ref, 'voided', p_receipt, upper(v_span) - lower(v_span), p_cause, p_actor,
               p_value_date, p_now, lower(v_span), upper(v_span), NULL, NULL);
END $$;

CREATE TYPE item AS (key text, hash bytea, verb text, from_role text, from_ref uuid, to_role text, to_ref uuid, amount_fen bigint,
                     attempt_id uuid);

-- Internal. Refuse a batch of which a single movement would be refused. (OFFSET 0: one look-up for each row, whatever the planner guesses.)
CREATE FUNCTION judge(p_fund uuid, p_items item[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE v_bad record;
BEGIN
  SELECT count(DISTINCT key) < count(*) AS repeats, min(amount_fen) > 0 AS positive INTO v_bad FROM unnest(p_items);
  IF v_bad.positive IS NOT TRUE THEN RAISE EXCEPTION 'an amount is above zero' USING ERRCODE = 'LG012'; END IF;
  IF v_bad.repeats OR EXISTS (SELECT from_role, from_ref FROM unnest(p_items) INTERSECT SELECT to_role, to_ref FROM unnest(p_items)) THEN
    RAISE EXCEPTION 'a key twice, or an account both source and target' USING ERRCODE = 'LG011';
  END IF;
  SELECT i.attempt_id INTO v_bad FROM unnest(p_items) i
    LEFT JOIN LATERAL (
      SELECT true AS ordered FROM attempt t JOIN account a ON a.id = t.from_account AND a.role = i.from_role AND a.ref = i.from_ref
      WHERE t.id = i.attempt_id AND t.fund_id = p_fund AND t.outcome = i.to_role AND t.amount_fen = i.amount_fen
        AND NOT EXISTS (SELECT FROM movement WHERE attempt_id = t.id) OFFSET 0) o ON true
    WHERE (i.verb = 'attempt' OR i.to_role IN ('paid', 'refunded')) AND o.ordered IS NULL LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'no attempt orders this' USING ERRCODE = 'LG005', DETAIL = json_build_object('attempt_id', v_bad.attempt_id);
  END IF;
  SELECT i.verb, i.from_role, i.to_role INTO v_bad FROM (SELECT DISTINCT verb, from_role, to_role FROM unnest(p_items)) i
    WHERE NOT EXISTS (SELECT FROM lawful_move l WHERE (l.verb, l.from_role, l.to_role) = (i.verb, i.from_role, i.to_role)) LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION '% may not lead from % to %', v_bad.verb, v_bad.from_role, v_bad.to_role USING ERRCODE = 'LG007',
      DETAIL = json_build_object('verb', v_bad.verb, 'from', v_bad.from_role, 'to', v_bad.to_role);
  END IF;
  SELECT n.from_role, n.from_ref, n.fen - coalesce(h.fen, 0) AS fen INTO v_bad
    FROM (SELECT from_role, from_ref, sum(amount_fen) AS fen FROM unnest(p_items) GROUP BY from_role, from_ref) n
    LEFT JOIN LATERAL (SELECT id FROM account WHERE fund_id = p_fund AND role = n.from_role AND ref = n.from_ref OFFSET 0) a ON true
    LEFT JOIN LATERAL (SELECT sum(upper(span) - lower(span)) AS fen FROM holding WHERE account_id = a.id OFFSET 0) h ON true
    WHERE n.fen > coalesce(h.fen, 0) LIMIT 1;
  IF FOUND THEN PERFORM short_by(v_bad.fen::bigint, v_bad.from_role, v_bad.from_ref); END IF;
END $$;

-- Internal. Which fen the movements since p_first take: lay amounts and holdings of each source side by side along one line of positions,
-- cut it at every edge of either, and each piece belongs to the last movement and the last holding begun before it.
CREATE FUNCTION apportion(p_fund uuid, p_first bigint) RETURNS void LANGUAGE sql AS $$
  WITH part AS (
    SELECT from_account, id, amount_fen, sum(amount_fen) OVER (PARTITION BY from_account ORDER BY id) - amount_fen AS at
    FROM movement WHERE fund_id = p_fund AND id >= p_first),
  need AS (SELECT from_account, sum(amount_fen) AS fen FROM part GROUP BY from_account),
  fragment AS (
    SELECT n.from_account, n.fen, lower(h.span) AS lo,
           sum(upper(h.span) - lower(h.span)) OVER (PARTITION BY h.account_id ORDER BY upper(h.span)) - upper(h.span) + lower(h.span) AS at
    FROM need n, LATERAL (SELECT account_id, span FROM holding WHERE account_id = n.from_account OFFSET 0) h),
  edge AS (
    SELECT from_account, at, id, NULL::numeric AS ahead FROM part
    UNION ALL SELECT from_account, at, NULL, lo - at FROM fragment WHERE at < fen
    UNION ALL SELECT from_account, fen, NULL, NULL FROM need),
  piece AS (
    SELECT max(id) OVER along AS id, at + max(ahead) OVER along AS lo, lead(at) OVER along + max(ahead) OVER along AS hi
    FROM edge WINDOW along AS (PARTITION BY from_account ORDER BY at, id ROWS UNBOUNDED PRECEDING))
  INSERT INTO movement_span (movement_id, fund_id, span) SELECT id, p_fund, int8range(lo::bigint, hi::bigint) FROM piece WHERE hi > lo
$$;

-- Internal. Bring the holdings up to the movements since p_first, which took the lowest serials of their sources.
CREATE FUNCTION settle(p_fund uuid, p_first bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM movement m LEFT JOIN movement_span s ON s.movement_id = m.id WHERE m.fund_id = p_fund AND m.id >= p_first
             GROUP BY m.id, m.amount_fen HAVING coalesce(sum(upper(s.span) - lower(s.span)), 0) <> m.amount_fen) THEN
    RAISE EXCEPTION 'lengths do not agree' USING ERRCODE = 'LG003';
  END IF;
  WITH cut AS (
    SELECT m.from_account, max(upper(s.span)) AS at FROM movement m JOIN movement_span s ON s.movement_id = m.id
    WHERE m.fund_id = p_fund AND m.id >= p_first GROUP BY m.from_account)
  DELETE FROM holding h USING cut WHERE h.account_id = cut.from_account AND upper(h.span) <= cut.at;
  WITH cut AS (
    SELECT m.from_account, max(upper(s.span)) AS at FROM movement m JOIN movement_span s ON s.movement_id = m.id
    WHERE m.fund_id = p_fund AND m.id >= p_first GROUP BY m.from_account)
  UPDATE holding h SET span = int8range(cut.at, upper(h.span)) FROM cut
    WHERE h.account_id = cut.from_account AND upper(h.span) > cut.at AND lower(h.span) < cut.at;
  WITH piece AS (
    SELECT m.to_account, s.span FROM movement m JOIN movement_span s ON s.movement_id = m.id WHERE m.fund_id = p_fund AND m.id >= p_first),
  gone AS (
    DELETE FROM holding WHERE ctid IN (
      SELECT h.ctid FROM piece p JOIN holding h ON h.account_id = p.to_account AND upper(h.span) = lower(p.span)
      UNION SELECT h.ctid FROM piece p JOIN holding h ON h.account_id = p.to_account AND lower(h.span) = upper(p.span))
    RETURNING account_id, span)
  INSERT INTO holding (fund_id, account_id, span)
    SELECT p_fund, to_account, unnest(range_agg(span::int8range)) AS span FROM (SELECT * FROM piece UNION ALL SELECT * FROM gone) laid
    GROUP BY to_account ORDER BY span;                               -- in the order of the line, which the index takes best
END $$;

-- Many movements of one fund at once, in a few set-based statements: all or none, and items already made under their keys are passed over.
-- Each source pays its items in their order, lowest serials first; no account may be source and target of one batch. How many were made.
CREATE FUNCTION move_many(p_fund uuid, p_keys text[], p_from_roles text[], p_from_refs uuid[], p_to_roles text[], p_to_refs uuid[],
                          p_amounts bigint[], p_attempts uuid[], p_cause text, p_actor uuid, p_value_date date, p_now timestamptz)
RETURNS integer LANGUAGE plpgsql AS $$
DECLARE v_items item[]; v_first bigint; v_reused text;
BEGIN
  PERFORM hold_fund(p_fund);
  SELECT array_agg(ROW(i.key, i.hash, CASE WHEN i.attempt_id IS NULL THEN 'move' ELSE 'attempt' END, i.from_role, i.from_ref, i.to_role,
                       i.to_ref, i.amount_fen, i.attempt_id)::item ORDER BY i.n) FILTER (WHERE m.args_hash IS NULL),
         min(i.key) FILTER (WHERE m.args_hash <> i.hash)
    INTO v_items, v_reused
    FROM (SELECT *, sha256(convert_to(jsonb_build_array('many', p_fund, from_role, from_ref, to_role, to_ref, amount_fen, p_cause,
                                                        p_value_date, attempt_id)::text, 'UTF8')) AS hash
          FROM unnest(p_keys, p_from_roles, p_from_refs, p_to_roles, p_to_refs, p_amounts, p_attempts)
            WITH ORDINALITY AS raw (key, from_role, from_ref, to_role, to_ref, amount_fen, attempt_id, n)) i
    LEFT JOIN LATERAL (SELECT args_hash FROM movement WHERE key = i.key OFFSET 0) m ON true;
  IF v_reused IS NOT NULL THEN
    RAISE EXCEPTION 'key % was used for another call', v_reused USING ERRCODE = 'LG001', DETAIL = json_build_object('key', v_reused);
  END IF;
  IF v_items IS NULL THEN RETURN 0; END IF;
  PERFORM judge(p_fund, v_items);
  INSERT INTO account (fund_id, role, ref) SELECT p_fund, to_role, to_ref FROM unnest(v_items) GROUP BY to_role, to_ref ON CONFLICT DO NOTHING;
  UPDATE total t SET amount_fen = amount_fen + n.fen
    FROM (SELECT role, sum(fen) AS fen FROM (
            SELECT to_role AS role, amount_fen AS fen FROM unnest(v_items) UNION ALL SELECT from_role, -amount_fen FROM unnest(v_items)) both_sides
          GROUP BY role) n WHERE t.fund_id = p_fund AND t.role = n.role;
  v_first := nextval(pg_get_serial_sequence('movement', 'id'));
  INSERT INTO movement (fund_id, verb, key, args_hash, from_account, to_account, amount_fen, attempt_id, cause, actor, value_date, at)
    SELECT p_fund, i.verb, i.key, i.hash, f.id, t.id, i.amount_fen, i.attempt_id, p_cause, p_actor, p_value_date, p_now
    FROM unnest(v_items) i,
      LATERAL (SELECT id FROM account WHERE fund_id = p_fund AND role = i.from_role AND ref = i.from_ref OFFSET 0) f,
      LATERAL (SELECT id FROM account WHERE fund_id = p_fund AND role = i.to_role AND ref = i.to_ref OFFSET 0) t;
  PERFORM apportion(p_fund, v_first);
  PERFORM settle(p_fund, v_first);
  RETURN cardinality(v_items);
END $$;

-- Who may call what: the application the verbs, nobody else anything; the internal functions run only inside them.
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA ledger FROM PUBLIC;
GRANT SELECT ON ALL TABLES IN SCHEMA ledger TO @app@;
DO $$
DECLARE v_verb regprocedure;
BEGIN
  FOR v_verb IN SELECT oid FROM pg_proc WHERE pronamespace = 'ledger'::regnamespace AND proname IN (
    'lock_funds', 'open_fund', 'account_of', 'order_attempts', 'receive', 'move', 'move_many', 'exchange', 'transfer', 'void') LOOP
    EXECUTE format('ALTER FUNCTION %s SECURITY DEFINER SET search_path = ledger, pg_temp SET enable_seqscan = off', v_verb);
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO @app@', v_verb);
  END LOOP;
END $$;
