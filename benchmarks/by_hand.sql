-- The same target rows and map entries as the engine writes, as a competent engineer would write them by hand:
-- work tables once, then one INSERT … SELECT per target table and per entity of the map. Parents are looked up
-- through the map. Ids are computed (base + running number), so that nothing is read back. It trusts the data:
-- no tenant check, no encoding check, no quarantine, no issue, no resume.
-- {legacy} and {v5} are the schemas; %(after)s and %(to)s the range of bookings; %(cutover)s ends the past.

-- name: settings
SET SESSION group_concat_max_len = 1000000, sort_buffer_size = 67108864, tmp_table_size = 536870912,
  max_heap_table_size = 536870912, sql_mode = 'STRICT_ALL_TABLES', collation_connection = 'utf8mb4_unicode_ci'

-- name: work tables
CREATE OR REPLACE TEMPORARY TABLE {v5}.work_attended (
  subgroup_id BIGINT, user_id BIGINT, date DATE, attendance TINYINT, PRIMARY KEY (subgroup_id, user_id, date)
) ENGINE = Aria
SELECT a.subgroup_id, a.user_id, d.date, MAX(a.attendance) AS attendance
FROM {legacy}.user_course_attendances a JOIN {legacy}.course_dates2 d ON d.id = a.date_id
GROUP BY a.subgroup_id, a.user_id, d.date

-- name: lines table
CREATE OR REPLACE TEMPORARY TABLE {v5}.work_line (
  n BIGINT AUTO_INCREMENT PRIMARY KEY, legacy_id BIGINT, booking_id BIGINT, part VARCHAR(10), split TINYINT,
  private TINYINT, live TINYINT, client_id BIGINT, price DECIMAL(8,2), subgroup_id BIGINT, group_id BIGINT,
  course_id BIGINT, course_type TINYINT, date_id BIGINT, degree_id BIGINT, monitor_id BIGINT, date DATE, hour_start TIME,
  hour_end TIME, attended TINYINT, color VARCHAR(45), created_at DATETIME, updated_at DATETIME, deleted_at DATETIME,
  source_hash CHAR(32), outside TINYINT, KEY (booking_id, client_id)
) ENGINE = Aria

-- name: lines
INSERT INTO {v5}.work_line (legacy_id, booking_id, part, split, private, live, client_id, price, subgroup_id, group_id,
  course_id, course_type, date_id, degree_id, monitor_id, date, hour_start, hour_end, attended, color, created_at,
  updated_at, deleted_at, source_hash, outside)
SELECT * FROM (
  SELECT x.id, x.booking2_id, IF(x.places > 1, x.place_date, '') AS part,
    IF(COUNT(*) OVER (PARTITION BY x.id) > 1, 1, 0) AS split, 0 AS private, x.live, x.client,
    IF(ROW_NUMBER() OVER (PARTITION BY x.id ORDER BY x.place_date, x.hour_start) = 1, x.price, 0.00),
    x.subgroup, x.grp, x.course, x.course_type, x.date_id, x.degree_id, x.monitor, x.place_date, x.hour_start,
    x.hour_end, COALESCE(w.attendance, x.attended), x.color, x.created_at, x.updated_at, x.deleted_at, x.source_hash, 0
  FROM (
    SELECT l.*, b.deleted_at IS NULL AND l.deleted_at IS NULL AS live, mc.v5_id AS client, s.id AS subgroup,
      s.course_group_id AS grp, s.course_id AS course, c.course_type, d.id AS date_id, s.degree_id,
      s.monitor_id AS monitor, d.date AS place_date, d.hour_start, d.hour_end, d.deleted_at AS date_gone,
      COUNT(*) OVER (PARTITION BY l.id) AS places,
      MD5(CONCAT_WS('|', l.id, l.booking2_id, l.user_id, l.price, l.currency, l.course_groups_subgroup2_id,
        IFNULL(l.course2_id, ''), IFNULL(l.monitor_id, ''), IFNULL(l.date, ''), IFNULL(l.hour, ''),
        IFNULL(l.duration, ''), l.attended, IFNULL(l.color, ''), IFNULL(l.created_at, ''), IFNULL(l.updated_at, ''),
        IFNULL(l.deleted_at, ''))) AS source_hash
    FROM {legacy}.bookings2 b
    JOIN {legacy}.booking_users2 l ON l.booking2_id = b.id
    JOIN {v5}.legacy_id_mappings mc ON mc.entity_type = 'client' AND mc.legacy_id = l.user_id AND mc.part = ''
    JOIN {v5}.legacy_id_mappings ms ON ms.entity_type = 'course_subgroup'
      AND ms.legacy_id = l.course_groups_subgroup2_id AND ms.v5_id IS NOT NULL
    JOIN {v5}.course_subgroups s ON s.id = ms.v5_id
    JOIN {v5}.course_dates d ON d.id = s.course_date_id
    JOIN {v5}.courses c ON c.id = s.course_id
    WHERE b.id > %(after)s AND b.id <= %(to)s AND l.course_groups_subgroup2_id IS NOT NULL
  ) x
  LEFT JOIN {v5}.work_attended w ON w.subgroup_id = x.course_groups_subgroup2_id AND w.user_id = x.user_id
    AND w.date = x.place_date
  WHERE x.places = 1 OR x.place_date = x.date OR (x.date IS NULL AND x.date_gone IS NULL)
  UNION ALL
  SELECT l.id, l.booking2_id, '', 0, 1, b.deleted_at IS NULL AND l.deleted_at IS NULL, mc.v5_id, l.price, NULL, NULL,
    c.id, c.course_type, d.id, cs.degree_id, mm.v5_id, d.date, COALESCE(l.hour, d.hour_start),
    ADDTIME(COALESCE(l.hour, d.hour_start), COALESCE(l.duration, CAST(k.duration AS TIME))), l.attended, l.color,
    l.created_at, l.updated_at, l.deleted_at,
    MD5(CONCAT_WS('|', l.id, l.booking2_id, l.user_id, l.price, l.currency, '', l.course2_id, IFNULL(l.monitor_id, ''),
      IFNULL(l.date, ''), IFNULL(l.hour, ''), IFNULL(l.duration, ''), l.attended, IFNULL(l.color, ''),
      IFNULL(l.created_at, ''), IFNULL(l.updated_at, ''), IFNULL(l.deleted_at, ''))),
    l.date NOT BETWEEN k.date_start AND k.date_end
  FROM {legacy}.bookings2 b
  JOIN {legacy}.booking_users2 l ON l.booking2_id = b.id
  JOIN {legacy}.courses2 k ON k.id = l.course2_id
  JOIN {v5}.legacy_id_mappings mc ON mc.entity_type = 'client' AND mc.legacy_id = l.user_id AND mc.part = ''
  JOIN {v5}.legacy_id_mappings mk ON mk.entity_type = 'course' AND mk.legacy_id = l.course2_id AND mk.part = ''
  JOIN {v5}.courses c ON c.id = mk.v5_id
  JOIN {v5}.course_dates d ON d.course_id = c.id AND d.date = l.date
  LEFT JOIN {v5}.legacy_id_mappings mm ON mm.entity_type = 'monitor' AND mm.legacy_id = l.monitor_id AND mm.part = ''
  LEFT JOIN {v5}.clients_sports cs ON cs.client_id = mc.v5_id AND cs.school_id = c.school_id
    AND cs.sport_id = c.sport_id AND cs.deleted_at IS NULL
  WHERE b.id > %(after)s AND b.id <= %(to)s AND l.course_groups_subgroup2_id IS NULL AND l.course2_id IS NOT NULL
) every_line ORDER BY 2, 1, 3

-- name: activities
CREATE OR REPLACE TEMPORARY TABLE {v5}.work_activity (n BIGINT PRIMARY KEY, number INT) ENGINE = Aria
SELECT n, DENSE_RANK() OVER (PARTITION BY booking_id ORDER BY first_n) AS number FROM (
  SELECT l.n, l.booking_id, MIN(l.n) OVER (PARTITION BY l.booking_id, l.course_id, IF(l.private, CONCAT_WS('|', l.date,
    l.hour_start, l.hour_end, IFNULL(l.monitor_id, '')), t.dates)) AS first_n
  FROM {v5}.work_line l
  JOIN (
    SELECT booking_id, client_id, course_id, GROUP_CONCAT(DISTINCT date ORDER BY date) AS dates
    FROM {v5}.work_line GROUP BY booking_id, client_id, course_id
  ) t ON t.booking_id = l.booking_id AND t.client_id = l.client_id AND t.course_id = l.course_id
) numbered

-- name: overview
CREATE OR REPLACE TEMPORARY TABLE {v5}.work_overview (booking_id BIGINT PRIMARY KEY) ENGINE = Aria
SELECT booking_id, COUNT(DISTINCT legacy_id) AS line_count, MAX(live) AS any_live, MAX(outside) AS flagged,
  COUNT(DISTINCT IF(deleted_at IS NULL, NULL, legacy_id)) AS gone, COUNT(DISTINCT client_id) AS people,
  MAX(deleted_at) AS last_gone, SUM(IF(live, price, 0)) AS base,
  MAX(IF(live, CONCAT(date, ' ', hour_end), '')) AS last_end,
  MIN(IF(counted, date, NULL)) AS first_date, MAX(IF(counted, date, NULL)) AS last_date,
  SUBSTRING_INDEX(GROUP_CONCAT(IF(counted, hour_start, NULL) ORDER BY date, hour_start, n), ',', 1) AS start_time,
  SUBSTRING_INDEX(GROUP_CONCAT(IF(counted, hour_end, NULL) ORDER BY date DESC, hour_start DESC, n DESC), ',', 1) AS end_time,
  IF(COUNT(DISTINCT IF(counted, course_id, NULL)) = 1, MAX(IF(counted, course_id, NULL)), NULL) AS course_id,
  IF(COUNT(DISTINCT IF(counted, IFNULL(monitor_id, 0), NULL)) = 1, MAX(IF(counted, monitor_id, NULL)), NULL) AS monitor_id,
  IF(MIN(IF(counted, course_type, NULL)) = 3 AND MAX(IF(counted, course_type, NULL)) = 3, 'activity', 'course') AS type,
  MD5(GROUP_CONCAT(source_hash ORDER BY n)) AS lines_hash,
  CONCAT('[', GROUP_CONCAT(JSON_OBJECT('course_date_id', date_id, 'course_id', course_id, 'date', CAST(date AS CHAR),
    'hour_end', CAST(hour_end AS CHAR), 'hour_start', CAST(hour_start AS CHAR), 'legacy_line_id', legacy_id,
    'price', CAST(price AS CHAR), 'status', IF(live, 1, 2)) ORDER BY n), ']') AS lines_json
FROM (
  SELECT l.*, l.live OR NOT MAX(l.live) OVER (PARTITION BY l.booking_id) AS counted FROM {v5}.work_line l
) c GROUP BY booking_id

-- name: seasons
CREATE OR REPLACE TEMPORARY TABLE {v5}.work_season (school_id BIGINT, date DATE, season_id BIGINT, holding INT,
  PRIMARY KEY (school_id, date)) ENGINE = Aria
SELECT q.school_id, q.date, COALESCE(
    (SELECT s.id FROM {v5}.seasons s WHERE s.school_id = q.school_id AND s.deleted_at IS NULL
      AND q.date BETWEEN s.start_date AND s.end_date
      ORDER BY DATEDIFF(s.end_date, s.start_date), s.name = 'Legacy Season', s.id LIMIT 1),
    (SELECT MIN(s.id) FROM {v5}.seasons s WHERE s.school_id = q.school_id AND s.name = 'Legacy Season')) AS season_id,
  (SELECT COUNT(*) FROM {v5}.seasons s WHERE s.school_id = q.school_id AND s.deleted_at IS NULL
    AND q.date BETWEEN s.start_date AND s.end_date) AS holding
FROM (SELECT DISTINCT c.school_id, l.date FROM {v5}.work_line l JOIN {v5}.courses c ON c.id = l.course_id) q

-- name: logs
CREATE OR REPLACE TEMPORARY TABLE {v5}.work_log (n BIGINT PRIMARY KEY, legacy_id BIGINT, booking_id BIGINT, voucher_id BIGINT,
  amount DECIMAL(8,2), created_at DATETIME, updated_at DATETIME, deleted_at DATETIME, place INT, KEY (booking_id))
  ENGINE = Aria
SELECT ROW_NUMBER() OVER (ORDER BY g.booking_id, g.id) AS n, g.id AS legacy_id, g.booking_id, mv.v5_id AS voucher_id, g.amount,
  g.created_at, g.updated_at, g.deleted_at,
  SUM(g.deleted_at IS NULL) OVER (PARTITION BY g.booking_id ORDER BY g.id) AS place
FROM {legacy}.vouchers_log g
JOIN {v5}.legacy_id_mappings mv ON mv.entity_type = 'voucher' AND mv.legacy_id = g.voucher_id AND mv.part = ''
WHERE g.booking_id > %(after)s AND g.booking_id <= %(to)s

-- name: headers
CREATE OR REPLACE TEMPORARY TABLE {v5}.work_booking (n BIGINT PRIMARY KEY, legacy_id BIGINT, KEY (legacy_id)) ENGINE = Aria
SELECT f.*,
  CASE WHEN f.cancellation = 2 THEN 'cancelled' WHEN f.last_end < %(cutover)s THEN 'completed'
    WHEN f.paid THEN 'paid' ELSE 'confirmed' END AS v5_status,
  IF(f.paid AND f.rest > 0 AND (f.method IS NULL OR f.method <> 5), f.rest, NULL) AS payment,
  CONCAT_WS(',', IF(f.paid AND f.rest < 0, '"OVERPAID_BY_VOUCHER"', NULL),
    IF(f.paid AND f.rest > 0 AND f.method = 5, '"PAID_WITHOUT_METHOD"', NULL),
    IF(f.paid AND f.rest > 0 AND NOT f.method <=> 5 AND f.cancellation = 2, '"TOTAL_AFTER_CANCELLATION"', NULL),
    IF(f.deleted_at IS NOT NULL AND NOT f.paid AND f.method = 2, '"UNPAID_CHECKOUT"', NULL),
    IF(f.cancellation <> 2 AND f.last_end < %(cutover)s AND NOT f.paid, '"PAST_UNPAID"', NULL),
    IF(f.cancellation <> 2 AND f.last_end >= %(cutover)s AND NOT f.paid AND f.method IN (2, 3), '"AWAITING_PAYMENT"', NULL),
    IF(f.holding > 1, '"SEASON_OVERLAP"', IF(f.holding = 0, '"SEASON_FALLBACK"', NULL)),
    IF(f.season_id <> f.last_season, '"SPANS_SEASONS"', NULL)) AS warnings
FROM (
  SELECT ROW_NUMBER() OVER (ORDER BY b.id) AS n, b.id AS legacy_id, b.school_id AS legacy_school, mh.v5_id AS school_id,
    mc.v5_id AS client_id, b.price_total, b.has_cancellation_insurance, b.price_cancellation_insurance, b.currency,
    b.payment_method_id AS raw_method, IF(b.payment_method_id BETWEEN 1 AND 5, b.payment_method_id, NULL) AS method, b.paid,
    b.payrexx_reference, b.attendance, b.is_past, b.notes, b.color, IF(b.paxes, b.paxes, o.people) AS paxes, b.created_at,
    b.updated_at, b.deleted_at, b.price_total - IFNULL(v.spent, 0) AS rest, o.*, s.season_id, s.holding,
    s2.season_id AS last_season,
    CASE WHEN b.deleted_at IS NOT NULL OR o.gone = o.line_count THEN 2 WHEN o.gone > 0 THEN 3 ELSE 1 END AS cancellation,
    MD5(CONCAT_WS('|', b.id, b.school_id, b.user_main_id, b.price_total, b.has_cancellation_insurance,
      b.price_cancellation_insurance, b.currency, IFNULL(b.payment_method_id, ''), b.paid, IFNULL(b.payrexx_reference, ''),
      IFNULL(b.payrexx_transaction, ''), b.notes, b.attendance, b.is_past, IFNULL(b.color, ''), b.paxes,
      IFNULL(b.created_at, ''), IFNULL(b.updated_at, ''), IFNULL(b.deleted_at, ''), o.lines_hash)) AS source_hash
  FROM {legacy}.bookings2 b
  JOIN {v5}.work_overview o ON o.booking_id = b.id
  JOIN {v5}.legacy_id_mappings mh ON mh.entity_type = 'school' AND mh.legacy_id = b.school_id AND mh.part = ''
  JOIN {v5}.legacy_id_mappings mc ON mc.entity_type = 'client' AND mc.legacy_id = b.user_main_id AND mc.part = ''
  LEFT JOIN {v5}.work_season s ON s.school_id = mh.v5_id AND s.date = o.first_date
  LEFT JOIN {v5}.work_season s2 ON s2.school_id = mh.v5_id AND s2.date = o.last_date
  LEFT JOIN (
    SELECT booking_id, SUM(amount) AS spent FROM {v5}.work_log WHERE deleted_at IS NULL GROUP BY booking_id
  ) v ON v.booking_id = b.id
  WHERE b.id > %(after)s AND b.id <= %(to)s
) f

-- name: people
CREATE OR REPLACE TEMPORARY TABLE {v5}.work_people (booking_id BIGINT PRIMARY KEY, participants LONGTEXT) ENGINE = Aria
SELECT booking_id, CONCAT('[', GROUP_CONCAT(person ORDER BY first_n), ']') AS participants FROM (
  SELECT l.booking_id, MIN(l.n) AS first_n, IF(MAX(l.degree_id) IS NULL,
    JSON_OBJECT('client_id', c.id, 'date_of_birth', NULLIF(CAST(c.birth_date AS CHAR), '1900-01-01'),
      'first_name', c.first_name, 'last_name', c.last_name, 'lines', JSON_ARRAYAGG(%(line)s + l.n ORDER BY l.n)),
    JSON_OBJECT('client_id', c.id, 'date_of_birth', NULLIF(CAST(c.birth_date AS CHAR), '1900-01-01'),
      'first_name', c.first_name, 'last_name', c.last_name,
      'level', SUBSTRING_INDEX(GROUP_CONCAT(d.name ORDER BY l.n SEPARATOR '\t'), '\t', 1),
      'lines', JSON_ARRAYAGG(%(line)s + l.n ORDER BY l.n))) AS person
  FROM {v5}.work_line l JOIN {v5}.clients c ON c.id = l.client_id LEFT JOIN {v5}.degrees d ON d.id = l.degree_id
  GROUP BY l.booking_id, l.client_id
) p GROUP BY booking_id

-- name: bookings
INSERT INTO {v5}.bookings (id, school_id, client_main_id, price_total, has_cancellation_insurance,
  price_cancellation_insurance, currency, payment_method_id, paid_total, paid, payrexx_reference, attendance,
  payrexx_refund, notes, paxes, status, color, source, has_boukii_care, price_boukii_care, has_tva, price_tva,
  has_reduction, price_reduction, created_at, updated_at, old_id)
SELECT %(booking)s + n, school_id, client_id, price_total, has_cancellation_insurance, price_cancellation_insurance,
  currency, method, IFNULL(payment, 0), paid, payrexx_reference, attendance, 0, notes, paxes, cancellation, color,
  'legacy', 0, 0, 0, 0, 0, 0, created_at, updated_at, legacy_id
FROM {v5}.work_booking ORDER BY n

-- name: booking_users
INSERT INTO {v5}.booking_users (id, school_id, booking_id, client_id, price, currency, course_subgroup_id, course_id,
  course_date_id, degree_id, course_group_id, monitor_id, date, hour_start, hour_end, attended, status, accepted,
  group_changed, color, created_at, updated_at, old_id, group_id)
SELECT %(line)s + l.n, b.school_id, %(booking)s + b.n, l.client_id, l.price, b.currency, l.subgroup_id, l.course_id,
  l.date_id, l.degree_id, l.group_id, l.monitor_id, l.date, l.hour_start, l.hour_end, l.attended, IF(l.live, 1, 2), 1, 0,
  l.color, l.created_at, l.updated_at, l.legacy_id, a.number
FROM {v5}.work_line l JOIN {v5}.work_booking b ON b.legacy_id = l.booking_id JOIN {v5}.work_activity a ON a.n = l.n
ORDER BY l.n

-- name: vouchers_log
INSERT INTO {v5}.vouchers_log (id, voucher_id, booking_id, amount, created_at, updated_at, deleted_at, old_id)
SELECT %(log)s + g.n, g.voucher_id, %(booking)s + b.n, g.amount, g.created_at, g.updated_at, g.deleted_at, g.legacy_id
FROM {v5}.work_log g JOIN {v5}.work_booking b ON b.legacy_id = g.booking_id ORDER BY g.n

-- name: payments
INSERT INTO {v5}.payments (id, booking_id, school_id, amount, status, notes, payrexx_reference, data, created_at, updated_at)
SELECT %(payment)s + n, %(booking)s + n, school_id, payment, 'paid',
  CASE IFNULL(method, 4) WHEN 1 THEN 'cash' WHEN 2 THEN 'Boukii Pay' WHEN 3 THEN 'online' ELSE 'other' END,
  payrexx_reference, '{{"origin":"derived from legacy"}}', updated_at, updated_at
FROM {v5}.work_booking WHERE payment IS NOT NULL ORDER BY n

-- name: v5_bookings
INSERT INTO {v5}.v5_bookings (id, booking_reference, season_id, school_id, client_id, course_id, monitor_id, type, status,
  booking_data, participants, base_price, insurance_price, discount_amount, total_price, currency, start_date, end_date,
  start_time, end_time, has_insurance, notes, metadata, confirmed_at, completed_at, cancelled_at, cancellation_reason,
  created_at, updated_at, legacy_id, migrated_at)
SELECT %(projection)s + n, CONCAT('LEG-', school_id, '-', legacy_id), season_id, school_id, client_id, course_id,
  monitor_id, type, v5_status,
  CONCAT('{{"attendance":', attendance, ',"is_past":', is_past, ',"legacy_id":', legacy_id, ',"legacy_reference":',
    IF(payrexx_reference IS NULL, 'null', JSON_QUOTE(payrexx_reference)), ',"lines":', lines_json, ',"paxes":', paxes,
    ',"payment_method":', IFNULL(raw_method, 'null'), '}}'),
  p.participants, base, insurance, GREATEST(0, base + insurance - price_total), price_total, currency, first_date,
  last_date, start_time, end_time, has_cancellation_insurance, notes,
  CONCAT('{{"operational_booking_id":', %(booking)s + n, ',"unexplained_amount":"',
    CAST(GREATEST(0, price_total - base - insurance) AS DECIMAL(8,2)), '","warnings":[', warnings, ']}}'),
  created_at, IF(v5_status = 'completed', NULLIF(last_end, ''), NULL), IF(cancellation = 2, gone_at, NULL),
  IF(cancellation = 2, IF(deleted_at IS NOT NULL AND NOT paid AND method = 2, 'UNPAID_CHECKOUT', 'CANCELLED_IN_LEGACY'), NULL),
  created_at, updated_at, legacy_id, NOW()
FROM (
  SELECT w.*, IF(has_cancellation_insurance, price_cancellation_insurance, 0.00) AS insurance,
    COALESCE(deleted_at, last_gone) AS gone_at FROM {v5}.work_booking w
) b JOIN {v5}.work_people p ON p.booking_id = b.legacy_id ORDER BY n

-- name: v5_booking_participants
INSERT INTO {v5}.v5_booking_participants (id, booking_id, booking_user_id, client_id, course_id, monitor_id, status,
  legacy_id, created_at, updated_at)
SELECT %(line)s + l.n, %(projection)s + b.n, %(line)s + l.n, l.client_id, l.course_id, l.monitor_id, IF(l.live, 1, 2),
  l.legacy_id, l.created_at, l.updated_at
FROM {v5}.work_line l JOIN {v5}.work_booking b ON b.legacy_id = l.booking_id ORDER BY l.n

-- name: projected payments table
CREATE OR REPLACE TEMPORARY TABLE {v5}.work_payment (n BIGINT PRIMARY KEY, legacy_id BIGINT, part INT) ENGINE = Aria
SELECT ROW_NUMBER() OVER (ORDER BY legacy_id, part) AS n, q.* FROM (
  SELECT legacy_id, n AS booking_n, 1 AS part, payment AS amount, updated_at AS at, 0 AS voucher
  FROM {v5}.work_booking WHERE payment IS NOT NULL
  UNION ALL
  SELECT b.legacy_id, b.n, g.place + (b.payment IS NOT NULL), g.amount, g.created_at, 1
  FROM {v5}.work_log g JOIN {v5}.work_booking b ON b.legacy_id = g.booking_id WHERE g.deleted_at IS NULL
) q

-- name: v5_booking_payments
INSERT INTO {v5}.v5_booking_payments (id, booking_id, payment_reference, payment_type, payment_method, amount, currency,
  status, gateway, gateway_reference, processed_at, created_at, updated_at)
SELECT %(projected)s + p.n, %(projection)s + b.n, CONCAT('LEGPAY-', p.legacy_id, '-', p.part),
  IF(p.amount >= b.price_total, 'full_payment', 'partial_payment'),
  IF(p.voucher, 'voucher', CASE IFNULL(b.method, 4) WHEN 1 THEN 'cash' WHEN 4 THEN 'other' ELSE 'credit_card' END),
  p.amount, b.currency, 'completed', IF(NOT p.voucher AND b.method IN (2, 3), 'payrexx', 'manual'),
  IF(NOT p.voucher AND b.method IN (2, 3), b.payrexx_reference, NULL), p.at, p.at, p.at
FROM {v5}.work_payment p JOIN {v5}.work_booking b ON b.legacy_id = p.legacy_id ORDER BY p.n
