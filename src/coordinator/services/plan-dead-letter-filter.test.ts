import { strict as assert } from 'node:assert'
import { test } from 'node:test'
import { parseDeadLetterFilter } from './plan-dead-letter-filter.ts'

const letter = {
  domain: 'order',
  correlationId: 'c "1"',
  sourceComponent: 'ship',
  rejectionType: 'sequence_mismatch',
  occurredAt: 1_700_000_000_000_000_000n,
}

test('clauses joined by AND all have to hold', () => {
  const holds = (filter: string): boolean => parseDeadLetterFilter(filter)(letter)
  assert.ok(holds(''))
  assert.ok(holds('  '))
  assert.ok(holds('domain="order"'))
  assert.ok(holds(' domain = "order" and source_component="ship" '))
  assert.ok(holds('correlation_id = "c \\"1\\""'))
  assert.ok(holds('rejection_type="sequence_mismatch"AND domain="order"'))
  assert.ok(!holds('domain = "order" AND source_component = "bill"'))
  assert.ok(holds('occurred_after = "2023-11-14T22:13:19Z"'))
  assert.ok(!holds('occurred_after = "2023-11-14T22:13:20Z"'), 'the time itself is not after it')
  assert.ok(!holds('occurred_before = "2023-11-14T22:13:20Z"'))
})

test('anything else is refused', () => {
  for (const filter of [
    'domain',
    'domain = order',
    'domain = "order" AND',
    'domain = "order" OR domain = "x"',
    'domain = "a" AND domain = "b"',
    'colour = "red"',
    'domain != "order"',
    'occurred_after = "yesterday"',
    '(domain = "order")',
    `domain = "${'x'.repeat(5_000)}"`,
  ]) {
    assert.throws(() => parseDeadLetterFilter(filter), { code: 'QUERY_INVALID' }, filter)
  }
})
