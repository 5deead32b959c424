import assert from 'node:assert/strict'
import { test } from 'node:test'
import { codeOf } from '../../src/errors.ts'
import { Saga } from '../../src/saga/dsl/saga.ts'
import { handle } from '../../src/saga/messages/handle.ts'
import { requestType } from '../../src/saga/messages/request-type.ts'
import { openSagaManager } from '../../src/saga/manager/open-saga-manager.ts'
import type { SagaManager, SagaManagerOptions } from '../../src/saga/manager/saga-manager.ts'
import { openSagas, sagaLedger } from './sagas.ts'

const good = new Saga<object>('good').localStep(() => undefined).commit()
const other = new Saga<object>('other').localStep(() => undefined).commit()
const ping = requestType('ping')

/** Options of callers without types. */
const BAD_OPTIONS: readonly (readonly [string, Readonly<Record<string, unknown>>, string])[] = [
  ['no ledger', { ledger: undefined }, 'CONFIGURATION_INVALID'],
  ['an empty path', { ledger: '' }, 'CONFIGURATION_INVALID'],
  ['a folder that is not there', { ledger: '/nowhere/at/all.db' }, 'LEDGER_OPEN_FAILED'],
  ['no definitions', { definitions: undefined }, 'CONFIGURATION_INVALID'],
  ['a definition that is none', { definitions: [{ name: 'x' }] }, 'SAGA_DEFINITION_INVALID'],
  ['a definition that is nothing', { definitions: [null] }, 'SAGA_DEFINITION_INVALID'],
  ['the same definition twice', { definitions: [good, good] }, 'SAGA_DEFINITION_DUPLICATE'],
  ['a negative retention', { retentionMs: -1 }, 'CONFIGURATION_INVALID'],
  ['a retention that is no number', { retentionMs: 'long' }, 'CONFIGURATION_INVALID'],
  ['a bound that is not known', { limits: { sagas: 1 } }, 'CONFIGURATION_INVALID'],
  ['a bound of nothing', { limits: { executionsInMemoryMax: 0 } }, 'CONFIGURATION_INVALID'],
  ['a lease renewed too late', { limits: { leaseRenewalMs: 15_000 } }, 'CONFIGURATION_INVALID'],
  [
    'two participants for one request',
    { participants: [handle(ping, () => undefined), handle(ping, () => undefined)] },
    'REQUEST_HANDLER_DUPLICATE',
  ],
  ['a service without a name', { service: '' }, 'CONFIGURATION_INVALID'],
]

test('a saga that is not committed is refused before it can run [minos-206]', async () => {
  const opening = openSagas({ definitions: [new Saga('draft') as never] })
  await assert.rejects(opening, (error) => codeOf(error) === 'SAGA_NOT_COMMITTED')
})

for (const [what, options, code] of BAD_OPTIONS) {
  test(`openSagaManager refuses ${what}`, async () => {
    await using home = await sagaLedger()
    const all = { ledger: home.ledger, definitions: [good], ...options }
    // They are wrong on purpose.
    const opening = openSagaManager(all as unknown as SagaManagerOptions)
    await assert.rejects(opening, (error) => codeOf(error) === code)
    assert.equal((await home.ledger.rows('saga-execution', { limit: 1 })).length, 0)
  })
}

/** Calls of callers without types. */
const BAD_CALLS: readonly (readonly [string, (sagas: SagaManager) => unknown, string])[] = [
  ['run: a definition that is not registered', (s) => s.run(other, {}), 'SAGA_DEFINITION_UNKNOWN'],
  ['run: nothing', (s) => s.run(undefined as never, {}), 'SAGA_DEFINITION_INVALID'],
  ['run: an empty id', (s) => s.run(good, {}, { id: '' }), 'SAGA_EXECUTION_ID_INVALID'],
  ['run: an id of two lines', (s) => s.run(good, {}, { id: 'a\nb' }), 'SAGA_EXECUTION_ID_INVALID'],
  ['run: a long id', (s) => s.run(good, {}, { id: 'x'.repeat(257) }), 'SAGA_EXECUTION_ID_INVALID'],
  ['run: a number as id', (s) => s.run(good, {}, { id: 7 as never }), 'SAGA_EXECUTION_ID_INVALID'],
  ['run: input that cannot be stored', (s) => s.run(good, { f: () => 1 }), 'VALUE_NOT_STORABLE'],
  ['run: input that is no record', (s) => s.run(good, 7 as never), 'SAGA_INPUT_INVALID'],
  [
    'run: a user that is no text',
    (s) => s.run(good, {}, { user: 7 as never }),
    'CONFIGURATION_INVALID',
  ],
  [
    'run: a correlation id that is too long',
    (s) => s.run(good, {}, { correlationId: 'x'.repeat(129) }),
    'CORRELATION_ID_INVALID',
  ],
  ['run: a negative timeout', (s) => s.run(good, {}, { timeoutMs: -1 }), 'INVALID_ARGUMENT'],
  ['start: an empty id', (s) => s.start(good, {}, { id: '' }), 'SAGA_EXECUTION_ID_INVALID'],
  ['result: an id that nobody has', (s) => s.result('nobody'), 'SAGA_EXECUTION_NOT_FOUND'],
  ['result: an empty id', (s) => s.result(''), 'SAGA_EXECUTION_ID_INVALID'],
  ['cancel: an id that nobody has', (s) => s.cancel('nobody'), 'SAGA_EXECUTION_NOT_FOUND'],
  ['signal: no name', (s) => s.signal('x', ''), 'CONFIGURATION_INVALID'],
  ['signal: an id that nobody has', (s) => s.signal('nobody', 'go'), 'SAGA_EXECUTION_NOT_FOUND'],
  ['compensate: an id that nobody has', (s) => s.compensate('nobody'), 'SAGA_EXECUTION_NOT_FOUND'],
  ['inspect: an id that nobody has', (s) => s.inspect('nobody'), 'SAGA_EXECUTION_NOT_FOUND'],
  [
    'resolve: nobody who does it',
    (s) => s.resolve('x', { path: 'a', verb: 'retry', by: '', reason: 'r' }),
    'CONFIGURATION_INVALID',
  ],
  ['list: a state that is none', (s) => s.list({ state: 'odd' as never }), 'CONFIGURATION_INVALID'],
  ['list: a page of nothing', (s) => s.list({ limit: 0 }), 'CONFIGURATION_INVALID'],
  ['list: a cursor of another list', (s) => s.list({ after: 'x' }), 'CONFIGURATION_INVALID'],
  ['list: an age that is no number', (s) => s.list({ olderThanMs: -1 }), 'CONFIGURATION_INVALID'],
]

for (const [what, call, code] of BAD_CALLS) {
  test(`a bad call is refused and stores nothing: ${what}`, async () => {
    await using open = await openSagas({ definitions: [good] })
    await assert.rejects(
      async () => await call(open.sagas),
      (error) => codeOf(error) === code,
    )
    assert.deepEqual((await open.sagas.list()).executions, [])
  })
}

test('an execution that is not there is not found [minos-236]', async () => {
  await using open = await openSagas({ definitions: [good] })
  await assert.rejects(
    open.sagas.inspect('nobody'),
    (error) => codeOf(error) === 'SAGA_EXECUTION_NOT_FOUND',
  )
})

test('a manager that is closed refuses everything, and is closed once [minos-241]', async () => {
  await using home = await sagaLedger()
  const sagas = await openSagaManager({ ledger: home.ledger, definitions: [good] })
  await Promise.all([sagas[Symbol.asyncDispose](), sagas[Symbol.asyncDispose]()])
  const isClosed = (error: unknown): boolean => codeOf(error) === 'SAGA_MANAGER_CLOSED'
  await assert.rejects(sagas.run(good, {}), isClosed)
  await assert.rejects(sagas.list(), isClosed)
  await assert.rejects(sagas.result('x'), isClosed)
  assert.equal(sagas.status().state, 'closed')
})
