-- The obvious design of a scan: one transaction each. The writes are those of ours, in the order of ours; its reads
-- (session, station, secret, voucher, batch, standing, used codes, meals) are left out, which favours it.
-- Variables: batches (how many share the scans), start (the first voucher of each client, so that none is scanned twice).
\set i :start + 1
\set start :i
\set voucher (:client_id + 1) * 1000000 + :i
\set batch 1 + :i % :batches
\set redemption random(1, 9223372036854775806)
BEGIN;
INSERT INTO idempotency_keys (account_id, key, fingerprint, reserved_at) VALUES (bench_number(:client_id + 1), 'key-' || bench_id(:redemption), decode('00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff', 'hex'), now());
INSERT INTO voucher_used_steps (voucher_id, device_no, step, redemption_id) VALUES (bench_number(:voucher), 1, 59000000, bench_id(:redemption)) ON CONFLICT DO NOTHING;
INSERT INTO person_meals (person_id, day, meal, redemption_id) VALUES (bench_number(:voucher), '2026-06-01', '午餐', bench_id(:redemption)) ON CONFLICT DO NOTHING;
UPDATE vouchers SET state = 'redeemed', redemptions = redemptions + 1 WHERE id = bench_number(:voucher) AND state = 'issued';
INSERT INTO redemptions (id, voucher_id, sequence, batch_id, person_id, station_id, staff_id, device_id, scan_id, day, meal, price_fen, amount_fen, copay_fen, remainder_fen, scanned_at, accepted_at, state) VALUES (bench_id(:redemption), bench_number(:voucher), 1, bench_number(:batch), bench_number(:voucher), bench_number(1), bench_number(:client_id + 1), 'bench-1', 'key-' || bench_id(:redemption), '2026-06-01', '午餐', 1500, 1500, 0, 0, now(), now(), 'accepted');
INSERT INTO ledger_postings (subject_id, kind, sequence, budget_id, reserved_fen, spent_fen, at) VALUES (bench_number(:voucher), 'spend', 1, bench_number(:batch), -1500, 1500, now());
UPDATE ledger_budgets SET reserved_fen = reserved_fen - 1500, spent_fen = spent_fen + 1500 WHERE budget_id = bench_number(:batch);
INSERT INTO audit_entries (id, at, account_id, role, action, subject, area, request_id, detail) VALUES (bench_id(:redemption), now(), bench_number(:client_id + 1), 'station_staff', 'voucher.redeemed', 'redeem_' || bench_id(:redemption), '370811', '00112233445566778899aabbccddeeff', '{}');
INSERT INTO outbox_events (id, created_at, kind, recipient_id, template, parameters, subject, due_at) VALUES (bench_id(:redemption), now(), 'inbox', bench_number(:voucher), 'voucher_redeemed', jsonb_build_object('station', '测试驿站', 'amount', '15.00'), 'voucher_' || bench_number(:voucher), now());
UPDATE idempotency_keys SET answer = jsonb_build_object('accepted', jsonb_build_object('redemption_id', bench_id(:redemption), 'voucher_id', bench_number(:voucher), 'person_id', bench_number(:voucher), 'amount', 1500, 'copay', 0, 'accepted_at', now())) WHERE account_id = bench_number(:client_id + 1) AND key = 'key-' || bench_id(:redemption);
COMMIT;
