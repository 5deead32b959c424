/** Steps whose requests are commands for a domain of the coordinator. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openMemoryBus } from '../../src/bus/memory/open-memory-bus.ts'
import type { CommandResponse } from '../../src/proto/angzarr_client/proto/angzarr/command_handler_pb.ts'
import type { OutgoingCommand } from '../../src/client/outgoing-command.ts'
import { defineProjector } from '../../src/component/define-projector.ts'
import { codedError, codeOf } from '../../src/errors.ts'
import { refuse } from '../../src/machine/refusal.ts'
import { SyncMode } from '../../src/proto/angzarr_client/proto/angzarr/types_pb.ts'
import { Saga } from '../../src/saga/dsl/saga.ts'
import { openSagaManager } from '../../src/saga/manager/open-saga-manager.ts'
import { commandType } from '../../src/saga/messages/command-type.ts'
import { handle } from '../../src/saga/messages/handle.ts'
import { requestType } from '../../src/saga/messages/request-type.ts'
import { commandKey } from '../../src/saga/runner/command-line.ts'
import { openShop } from '../coordinator/open-shop.ts'
import * as inventory from '../fixtures/gen/inventory_pb.ts'
import { fill, history, release, reserve, stock } from './domain-targets.ts'
import { listening, openSagas, sagaLedger } from './sagas.ts'

type Order = { readonly order: string; readonly quantity: number }

/** Reserves, and then does what it is told. */
function ordering(then: () => void = () => undefined) {
  return new Saga<Order>('ordering')
    .remoteStep(({ order, quantity }) => reserve('chai', { orderId: order, quantity }), {
      name: 'reserve',
    })
    .onSuccess(async (order, reply) => {
      const { events } = await reply.content()
      return { ...order, reserved: events.map(({ message }) => message.quantity) }
    })
    .onFailure(({ order }) => release('chai', { orderId: order }))
    .localStep(then, { name: 'then' })
    .commit()
}

test('a request to a domain is its command, and its reply carries the events, decoded', async () => {
  await using shop = await openShop([stock])
  await fill(shop, 'chai', 5)
  const saga = ordering()
  await using open = await openSagas({ definitions: [saga], coordinator: shop })
  const outcome = await open.sagas.run(saga, { order: 'o-1', quantity: 2 }, { id: 'one' })
  assert.deepEqual(outcome.context, { order: 'o-1', quantity: 2, reserved: [2] })
  const types: string[] = []
  for await (const chunk of shop.ledger.byCorrelation('one')) {
    for (const { type } of chunk) types.push(type)
  }
  assert.deepEqual(types, ['inventory.StockReserved'])
})

test('a rejection is a refusal with its code and message, and nothing of the step is undone', async () => {
  await using shop = await openShop([stock])
  await fill(shop, 'chai', 1)
  const saga = ordering()
  await using open = await openSagas({ definitions: [saga], coordinator: shop })
  const outcome = await open.sagas.run(saga, { order: 'o-1', quantity: 2 })
  assert.deepEqual(
    [outcome.forward, outcome.backward, outcome.undone],
    ['failed', 'not-needed', []],
  )
  const { outcome: how, code, message } = outcome.failure ?? {}
  assert.deepEqual([how, code, message], ['refused', 'SOLD_OUT', 'not enough stock'])
  assert.deepEqual(await history(shop, 'chai'), ['StockAdded'])
})

test('onError gets a rejection as a reply with status 400', async () => {
  await using shop = await openShop([stock])
  const saga = new Saga<Order>('lenient')
    .remoteStep(({ order, quantity }) => reserve('chai', { orderId: order, quantity }))
    .onError(async (order, reply) => ({ ...order, answer: [reply.status, await reply.content()] }))
    .commit()
  await using open = await openSagas({ definitions: [saga], coordinator: shop })
  const { context } = await open.sagas.run(saga, { order: 'o-1', quantity: 2 })
  assert.ok(context && 'answer' in context)
  const [status, content] = context.answer
  assert.equal(status, 400)
  const { error_code: code, available } = content as Readonly<Record<string, unknown>>
  assert.deepEqual([code, available], ['SOLD_OUT', '0'])
})

test('the undo of a command is a command, carried out once, and named in the outcome', async () => {
  await using shop = await openShop([stock])
  await fill(shop, 'chai', 5)
  const saga = ordering(() => {
    throw refuse('no carrier')
  })
  await using open = await openSagas({ definitions: [saga], coordinator: shop })
  const outcome = await open.sagas.run(saga, { order: 'o-1', quantity: 2 })
  assert.deepEqual([outcome.forward, outcome.backward], ['failed', 'done'])
  assert.deepEqual(outcome.undone, ['stock inventory.ReleaseStock'])
  assert.deepEqual(await history(shop, 'chai'), ['StockAdded', 'StockReserved', 'StockReleased'])
})

test('commands and requests to services stand in one saga, over a bus that is given', async () => {
  await using shop = await openShop([stock])
  await using bus = openMemoryBus()
  await fill(shop, 'chai', 5)
  const pay = requestType<{ order: string }, { paid: string }>('payments.pay')
  const saga = new Saga<Order>('paid')
    .remoteStep(({ order, quantity }) => reserve('chai', { orderId: order, quantity }))
    .onFailure(({ order }) => release('chai', { orderId: order }))
    .remoteStep(({ order }) => pay({ order }))
    .onSuccess(async (order, reply) => ({ ...order, ...(await reply.content()) }))
    .commit()
  const participants = [
    handle(pay, ({ order }) => (order === 'o-2' ? refuse('no funds') : { paid: order })),
  ]
  const options = { definitions: [saga], coordinator: shop, participants, bus }
  await using open = await openSagas(options)
  const good = await open.sagas.run(saga, { order: 'o-1', quantity: 2 })
  assert.deepEqual(good.context, { order: 'o-1', quantity: 2, paid: 'o-1' })
  const bad = await open.sagas.run(saga, { order: 'o-2', quantity: 2 })
  assert.deepEqual([bad.failure?.message, bad.backward], ['no funds', 'done'])
  assert.equal((await history(shop, 'chai')).at(-1), 'StockReleased')
})

test('an answer that is lost is asked for again under the same key: the command takes effect once', async () => {
  await using shop = await openShop([stock])
  await fill(shop, 'chai', 5)
  const keys: (string | undefined)[] = []
  const { commandHandler } = shop.client('stock')
  const coordinator = {
    execute: async (command: OutgoingCommand): Promise<CommandResponse> => {
      keys.push(command.idempotencyKey)
      const response = await commandHandler.execute(command)
      if (keys.length === 1) throw codedError('DEADLINE_EXCEEDED')
      return response
    },
  }
  const saga = new Saga<Order>('lossy')
    .remoteStep(({ order, quantity }) => reserve('chai', { orderId: order, quantity }), {
      name: 'reserve',
      retry: { maxAttempts: 3, initialMs: 1 },
    })
    .onSuccess(async (order, reply) => ({ ...order, seen: (await reply.content()).events.length }))
    .onFailure(({ order }) => release('chai', { orderId: order }))
    .commit()
  await using open = await openSagas({ definitions: [saga], coordinator })
  const outcome = await open.sagas.run(saga, { order: 'o-1', quantity: 2 }, { id: 'a' })
  assert.deepEqual(outcome.context, { order: 'o-1', quantity: 2, seen: 1 })
  assert.deepEqual(keys, ['a/reserve', 'a/reserve'])
  assert.deepEqual(await history(shop, 'chai'), ['StockAdded', 'StockReserved'])
})

test('what never answers is undone by its command: it may have happened', async () => {
  await using shop = await openShop([stock])
  await fill(shop, 'chai', 5)
  const { commandHandler } = shop.client('stock')
  const coordinator = {
    execute: async (command: OutgoingCommand): Promise<CommandResponse> => {
      const response = await commandHandler.execute(command)
      if (command.typeName === 'inventory.ReserveStock') throw codedError('DEADLINE_EXCEEDED')
      return response
    },
  }
  const saga = ordering()
  await using open = await openSagas({ definitions: [saga], coordinator })
  const outcome = await open.sagas.run(saga, { order: 'o-1', quantity: 2 })
  assert.deepEqual([outcome.failure?.outcome, outcome.backward], ['unknown', 'done'])
  assert.deepEqual(await history(shop, 'chai'), ['StockAdded', 'StockReserved', 'StockReleased'])
})

test('a command whose projector fails is accepted all the same, whatever it waits for', async () => {
  const broken = defineProjector({ name: 'broken', domains: ['stock'] }).handles(
    inventory.StockReservedSchema,
    () => {
      throw new Error('no disk')
    },
  )
  await using shop = await openShop([stock, broken], { limits: { reactionAttemptsMax: 1 } })
  await fill(shop, 'chai', 5)
  const waiting = commandType('stock', inventory.ReserveStockSchema, {
    events: [inventory.StockReservedSchema],
    syncMode: SyncMode.SIMPLE,
  })
  const saga = new Saga<Order>('waiting')
    .remoteStep(({ order, quantity }) => waiting('chai', { orderId: order, quantity }))
    .onSuccess(async (order, reply) => ({ ...order, seen: (await reply.content()).events.length }))
    .commit()
  await using open = await openSagas({ definitions: [saga], coordinator: shop })
  const outcome = await open.sagas.run(saga, { order: 'o-1', quantity: 2 })
  assert.deepEqual(outcome.context, { order: 'o-1', quantity: 2, seen: 1 })
  assert.deepEqual(await history(shop, 'chai'), ['StockAdded', 'StockReserved'])
})

test('a command without a coordinator fails its step with a code: nothing was sent', async () => {
  const saga = ordering()
  await using open = await openSagas({ definitions: [saga] })
  const outcome = await open.sagas.run(saga, { order: 'o-1', quantity: 2 })
  const { outcome: how, code } = outcome.failure ?? {}
  assert.deepEqual([how, code, outcome.undone], ['failed', 'SAGA_COORDINATOR_MISSING', []])
})

test('a domain that nobody serves is refused when the manager is opened, and else by its step', async () => {
  await using shop = await openShop([stock])
  const nowhere = commandType('nowhere', inventory.ReserveStockSchema)
  const unknown = commandType('stock', inventory.StockAddedSchema)
  const saga = new Saga<Order>('lost').remoteStep(() => nowhere('chai', {})).commit()
  await using home = await sagaLedger()
  const { log } = listening()
  const parts = { ledger: home.ledger, definitions: [saga], log }
  const refused = [
    [{ coordinator: shop, commands: [reserve, nowhere] }, 'SAGA_COMMAND_UNSERVED'],
    [{ coordinator: shop, commands: [unknown] }, 'SAGA_COMMAND_UNSERVED'],
    [{ commands: [reserve] }, 'SAGA_COORDINATOR_MISSING'],
    [{ coordinator: {} as never }, 'CONFIGURATION_INVALID'],
    [{ coordinator: shop, commands: [{}] as never }, 'CONFIGURATION_INVALID'],
  ] as const
  for (const [options, code] of refused) {
    const opening = openSagaManager({ ...parts, ...options })
    await assert.rejects(opening, (error) => codeOf(error) === code, code)
  }
  await using sagas = await openSagaManager({ ...parts, coordinator: shop, commands: [reserve] })
  const outcome = await sagas.run(saga, { order: 'o-1', quantity: 2 })
  assert.deepEqual([outcome.failure?.outcome, outcome.failure?.code], ['refused', 'UNKNOWN_DOMAIN'])
})

test('a command type refuses what is no domain, no message and no root', () => {
  const bad = [
    [() => commandType('', inventory.AddStockSchema), 'DOMAIN_INVALID'],
    [() => commandType('_saga', inventory.AddStockSchema), 'DOMAIN_RESERVED'],
    [() => commandType('stock', {} as never), 'SAGA_OPTION_INVALID'],
    [
      () => commandType('stock', inventory.AddStockSchema, { syncMode: SyncMode.ISOLATED }),
      'SAGA_OPTION_INVALID',
    ],
    [() => reserve('', {}), 'ROOT_INVALID'],
    [() => reserve(undefined as never, {}), 'ROOT_INVALID'],
    [() => reserve('chai', { quantity: 'two' as never }), 'REQUEST_CONTENT_INVALID'],
  ] as const
  for (const [make, code] of bad) assert.throws(make, (error) => codeOf(error) === code, code)
})

test('the id of a request that is too long for a key goes by a name of its own, always the same', () => {
  const long = `${'x'.repeat(250)}/step/undo`
  assert.equal(commandKey('a/step'), 'a/step')
  assert.equal(commandKey(long), commandKey(long))
  assert.notEqual(commandKey(long), commandKey(`${long}2`))
  assert.ok(commandKey(long).length <= 256)
})

test('each domain may have a coordinator of its own', async () => {
  await using shop = await openShop([stock])
  await fill(shop, 'chai', 5)
  const asked: string[] = []
  const saga = ordering()
  const coordinator = (domain: string) => {
    asked.push(domain)
    return shop.client(domain)
  }
  await using open = await openSagas({ definitions: [saga], coordinator })
  await open.sagas.run(saga, { order: 'o-1', quantity: 1 })
  const outcome = await open.sagas.run(saga, { order: 'o-2', quantity: 2 })
  assert.deepEqual([outcome.forward, asked], ['completed', ['stock']])
})
