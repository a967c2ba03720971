-- The obvious design of a claim: one transaction each, which updates the batch's counter row. The writes are those of
-- ours, in the order of ours; its reads (session, standing, batch, the person's slots) are left out, which favours it.
-- Ids grow with time as ours do (bench_id is in tests/src/bench/reference/mod.rs). Variable: batch.
\set person random(1, 9223372036854775806)
\set voucher random(1, 9223372036854775806)
\set event random(1, 9223372036854775806)
BEGIN;
INSERT INTO idempotency_keys (account_id, key, fingerprint, reserved_at) VALUES (bench_id(:person), 'key-1234567890-abcdef-1', decode('00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff', 'hex'), now());
UPDATE ledger_budgets SET issued = issued + 1, reserved_fen = reserved_fen + 1500 WHERE budget_id = :batch::uuid AND open AND issued + 1 <= quota AND reserved_fen + spent_fen + 1500 <= budget_fen;
INSERT INTO voucher_days (batch_id, day, issued) VALUES (:batch::uuid, '2026-06-01', 1) ON CONFLICT (batch_id, day) DO UPDATE SET issued = voucher_days.issued + 1;
INSERT INTO voucher_slots (batch_id, person_id, n, voucher_id) VALUES (:batch::uuid, bench_id(:person), 1, bench_id(:voucher)) ON CONFLICT DO NOTHING;
INSERT INTO vouchers (id, batch_id, person_id, account_id, face_value_fen, issued_at, valid_from, valid_to, state) VALUES (bench_id(:voucher), :batch::uuid, bench_id(:person), bench_id(:person), 1500, now(), now(), now() + interval '30 days', 'issued');
INSERT INTO ledger_postings (subject_id, kind, sequence, budget_id, reserved_fen, spent_fen, at) VALUES (bench_id(:voucher), 'reserve', 0, :batch::uuid, 1500, 0, now());
INSERT INTO audit_entries (id, at, account_id, role, action, subject, area, request_id, detail) VALUES (bench_id(:event), now(), bench_id(:person), 'worker', 'voucher.issued', 'voucher_' || bench_id(:voucher), '370811', '00112233445566778899aabbccddeeff', '{}');
INSERT INTO outbox_events (id, created_at, kind, recipient_id, template, parameters, subject, due_at) VALUES (bench_id(:event), now(), 'inbox', bench_id(:person), 'voucher_issued', jsonb_build_object('batch', '测试午餐券', 'until', '2026-07-01 23:59'), 'voucher_' || bench_id(:voucher), now());
UPDATE idempotency_keys SET answer = jsonb_build_object('voucher', jsonb_build_object('id', bench_id(:voucher), 'batch_id', bench_id(:event), 'person_id', bench_id(:person), 'account_id', bench_id(:person), 'face_value', 1500, 'issued_at', now(), 'valid_from', now(), 'valid_to', now(), 'state', 'issued')) WHERE account_id = bench_id(:person) AND key = 'key-1234567890-abcdef-1';
COMMIT;
