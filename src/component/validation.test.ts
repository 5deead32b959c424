import { strict as assert } from 'node:assert'
import { describe, test } from 'node:test'
import { CommandRejectedError } from '../errors/client-error.ts'
import { errorTable } from '../errors.ts'
import {
  requireExists,
  requireNonNegative,
  requireNotEmpty,
  requireNotEmptyStr,
  requireNotExists,
  requirePositive,
  requireStatus,
  requireStatusNot,
} from './validation.ts'

type Refusal = readonly [
  title: string,
  refused: readonly (() => void)[],
  accepted: readonly (() => void)[],
  status: 'NOT_FOUND' | 'FAILED_PRECONDITION' | 'INVALID_ARGUMENT',
  code: keyof typeof errorTable,
  details: Readonly<Record<string, string>>,
]

const refusals: readonly Refusal[] = [
  [
    'requireExists',
    [() => requireExists(false, 'order')],
    [() => requireExists(true, 'order')],
    'NOT_FOUND',
    'ENTITY_NOT_FOUND',
    { context: 'order' },
  ],
  [
    'requireNotExists',
    [() => requireNotExists(true, 'order')],
    [() => requireNotExists(false, 'order')],
    'FAILED_PRECONDITION',
    'ENTITY_ALREADY_EXISTS',
    { context: 'order' },
  ],
  [
    'requirePositive',
    [0, -1, -0.5, Number.NaN, 0n, -1n].map((value) => () => requirePositive(value, 'n')),
    [1, 0.5, Infinity, 1n].map((value) => () => requirePositive(value, 'n')),
    'INVALID_ARGUMENT',
    'VALUE_NOT_POSITIVE',
    { field: 'n' },
  ],
  [
    'requireNonNegative',
    [-1, -0.5, Number.NaN, -1n].map((value) => () => requireNonNegative(value, 'n')),
    [0, -0, 1, 0n].map((value) => () => requireNonNegative(value, 'n')),
    'INVALID_ARGUMENT',
    'VALUE_NOT_NON_NEGATIVE',
    { field: 'n' },
  ],
  [
    'requireNotEmpty',
    [[], new Set(), new Map()].map((items) => () => requireNotEmpty(items, 'items')),
    [[1], new Set([1]), new Uint8Array(1)].map((items) => () => requireNotEmpty(items, 'items')),
    'INVALID_ARGUMENT',
    'COLLECTION_EMPTY',
    { field: 'items' },
  ],
  [
    'requireNotEmptyStr',
    [() => requireNotEmptyStr('', 'name')],
    [() => requireNotEmptyStr(' ', 'name')],
    'INVALID_ARGUMENT',
    'VALUE_EMPTY',
    { field: 'name' },
  ],
  [
    'requireStatus',
    [() => requireStatus<string>('open', 'paid', 'order')],
    [() => requireStatus('open', 'open', 'order')],
    'FAILED_PRECONDITION',
    'STATUS_MISMATCH',
    { context: 'order' },
  ],
  [
    'requireStatusNot',
    [() => requireStatusNot(3, 3, 'order')],
    [() => requireStatusNot<number>(3, 4, 'order')],
    'FAILED_PRECONDITION',
    'STATUS_FORBIDDEN',
    { context: 'order' },
  ],
]

for (const [title, refused, accepted, status, code, details] of refusals) {
  describe(title, () => {
    test(`refuses with ${code}`, () => {
      for (const call of refused) {
        assert.throws(call, (error) => {
          assert.ok(error instanceof CommandRejectedError)
          assert.deepEqual(
            [error.statusCode, error.code, error.message, { ...error.details }],
            [status, code, errorTable[code].message, details],
          )
          return true
        })
      }
    })

    test('lets everything else pass', () => {
      for (const call of accepted) assert.doesNotThrow(call)
    })
  })
}

describe('a refusal because of the state', () => {
  test('answers only that it is one [client-C-0131]', () => {
    const error = CommandRejectedError.preconditionFailed('NOT_OPEN', 'not open', { id: 7 })
    assert.deepEqual(
      [error.isPreconditionFailed(), error.isNotFound(), error.isInvalidArgument()],
      [true, false, false],
    )
    assert.deepEqual(
      [error.code, error.message, { ...error.details }],
      ['NOT_OPEN', 'not open', { id: '7' }],
    )
  })
})
