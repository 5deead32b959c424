/** Makes journal entries at random, as the machine could. */
import fc from 'fast-check'
import type { Begin, Change, Entry, Failure, Found, Turn } from '../../machine/journal.ts'
import { arbitraryRecord, arbitraryValue } from '../../wire/values/arbitrary-value.test.support.ts'
import { BACKWARDS, DIRECTIONS, FORWARDS, OUTCOMES, VERBS } from './entry-types.ts'

const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 8 }),
  fc.string({ unit: 'grapheme', minLength: 100, maxLength: 200 }),
)
const path = fc.oneof(fc.constantFrom('charge', 'fork/left/charge', ''), text)
const attempt = fc.oneof(fc.nat(3), fc.nat(0xffff_ffff))
const direction = fc.constantFrom(...DIRECTIONS)
const services = fc.array(text, { minLength: 1, maxLength: 3 })
const again = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })

const failure: fc.Arbitrary<Failure> = fc.record({
  path,
  outcome: fc.constantFrom(...OUTCOMES),
  code: text,
  message: text,
})

const request = fc.record({ target: text, content: arbitraryValue })

const begin: fc.Arbitrary<Begin> = fc.record(
  { path, direction, attempt, request },
  { requiredKeys: ['path', 'direction', 'attempt'] },
)

const change: fc.Arbitrary<Change> = fc.oneof(
  fc.constant({ kind: 'same' as const }),
  fc.record({ kind: fc.constant('replace' as const), value: arbitraryValue }),
  fc.record({
    kind: fc.constant('patch' as const),
    set: arbitraryRecord,
    unset: fc.array(text, { maxLength: 3 }),
  }),
)

const found: fc.Arbitrary<Found> = fc.oneof(
  fc.record({ kind: fc.constant('happened' as const), change }),
  fc.constant({ kind: 'did-not-happen' as const }),
  fc.constant({ kind: 'unknown' as const }),
)

const turns: fc.Arbitrary<Turn> = fc.record(
  { forward: fc.constantFrom(...FORWARDS), backward: fc.constantFrom(...BACKWARDS), failure },
  { requiredKeys: ['forward', 'backward'] },
)

const at = fc.bigInt({ min: 0n, max: 253_402_300_799_999_999_999n })
const whole = { at, begins: fc.array(begin, { maxLength: 3 }), turns }

/** An entry of a kind: the fields that follow `optional` may be missing. */
function entry<K extends Entry['kind']>(
  kind: K,
  needed: Record<string, fc.Arbitrary<unknown>>,
  optional: Record<string, fc.Arbitrary<unknown>> = {},
): fc.Arbitrary<Entry> {
  const fields = { kind: fc.constant(kind), ...needed, ...optional, ...whole }
  const requiredKeys = ['kind', 'at', 'begins', ...Object.keys(needed)]
  // Each use below lists the fields of its kind.
  return fc.record(fields, { requiredKeys } as object) as unknown as fc.Arbitrary<Entry>
}

const parent = fc.record({ id: text, path })
const value = arbitraryValue.filter((data) => data !== undefined)

/** One entry of every kind. */
export const arbitraryEntries: Readonly<Record<Entry['kind'], fc.Arbitrary<Entry>>> = {
  started: entry(
    'started',
    { id: text, definition: text, fingerprint: text, input: arbitraryValue, correlationId: text },
    { parent },
  ),
  prepared: entry('prepared', { path, direction }),
  chosen: entry('chosen', { path, branch: fc.integer({ min: -1, max: 1_000 }) }),
  succeeded: entry('succeeded', { path, attempt, change }, { services }),
  failed: entry('failed', { path, attempt, failure, happened: fc.boolean() }, { again, services }),
  probed: entry('probed', { path, attempt, found }, { again }),
  'timed-out': entry('timed-out', { path, failure }),
  child: entry(
    'child',
    {
      path,
      forward: fc.constantFrom(...FORWARDS),
      backward: fc.constantFrom(...BACKWARDS),
      change,
    },
    { failure },
  ),
  joined: entry('joined', { path }, { failure }),
  undone: entry('undone', { path, attempt, change }),
  'undo-failed': entry('undo-failed', { path, attempt, failure }, { again }),
  'undo-added': entry('undo-added', { path, name: text, data: arbitraryValue }),
  signalled: entry('signalled', { signal: text, data: arbitraryValue }),
  resumed: entry('resumed', { path, direction }),
  'deadline-passed': entry('deadline-passed', {}),
  cancelled: entry('cancelled', { reason: text }),
  'compensation-requested': entry('compensation-requested', { reason: text }),
  resolved: entry(
    'resolved',
    { path, verb: fc.constantFrom(...VERBS), by: text, reason: text },
    { data: value, undo: text, added: fc.nat(10) },
  ),
}

/** Any entry. */
export const arbitraryEntry: fc.Arbitrary<Entry> = fc.oneof(...Object.values(arbitraryEntries))
