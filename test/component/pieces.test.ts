import { strict as assert } from 'node:assert'
import { describe, test } from 'node:test'
import { create as createElsewhere, type Message, toBinary } from '@bufbuild/protobuf'
import { commandDecider, normalizeCommandResult } from '../../src/component/decide-command.ts'
import { factDecider } from '../../src/component/decide-fact.ts'
import { processDecider } from '../../src/component/decide-process.ts'
import { sagaDecider } from '../../src/component/decide-saga.ts'
import { defineAggregate } from '../../src/component/define-aggregate.ts'
import { defineProcessManager } from '../../src/component/define-process-manager.ts'
import { defineProjector } from '../../src/component/define-projector.ts'
import { defineSaga } from '../../src/component/define-saga.ts'
import { Destinations } from '../../src/component/destinations.ts'
import { stateFolder } from '../../src/component/fold.ts'
import type { ProjectionContext } from '../../src/component/handler-context.ts'
import { ProcessManagerResponse } from '../../src/component/handler-responses.ts'
import { knownSchema } from '../../src/component/known-messages.ts'
import { command } from '../../src/component/outgoing-books.ts'
import { packMessage } from '../../src/component/pack-events.ts'
import { eventProjector } from '../../src/component/project-event.ts'
import { noProjectionStore } from '../../src/component/projection-store.ts'
import { CommandRejectedError } from '../../src/errors/client-error.ts'
import { ShuffledSchema, TreeSchema } from '../fixtures/gen/everything_pb.ts'
import { ReserveStockSchema } from '../fixtures/gen/inventory_pb.ts'
import {
  CompleteOrderSchema,
  CreateOrderSchema,
  OrderCreatedSchema,
  OrderStateSchema,
} from '../fixtures/gen/orders_pb.ts'
import { OldSchema } from '../fixtures/gen/legacy_pb.ts'
import { WorkflowStateSchema } from '../fixtures/gen/workflow_pb.ts'
import { bookOf, coverOf, make } from './envelopes.ts'
import { coded, dispatch } from './has-code.ts'

const context = { cover: coverOf('order'), correlationId: '', time: 0n }
const order = () => defineAggregate({ domain: 'order', state: OrderStateSchema })
const created = make(OrderCreatedSchema, { orderId: 'o-1' })
const createOrder = make(CreateOrderSchema, { orderId: 'o-1' })
const state = () => make(OrderStateSchema)

describe('the decider of commands', () => {
  const decide = (component: ReturnType<typeof order>) =>
    commandDecider(component.definition).decide(
      'orders.CreateOrder',
      createOrder,
      state(),
      0,
      context,
    )

  test('answers at once when the handler does', () => {
    assert.equal(decide(order().handles(CreateOrderSchema, () => created)), created)
  })

  test('answers with a promise when the handler does', async () => {
    const answer = decide(order().handles(CreateOrderSchema, async () => Promise.resolve(created)))
    assert.ok(answer instanceof Promise)
    assert.equal(await answer, created)
  })

  test('knows types and how to read them', () => {
    const decider = commandDecider(order().handles(CreateOrderSchema, () => created).definition)
    const handled = decider.handles('orders.CreateOrder')
    assert.equal(handled?.schema, CreateOrderSchema)
    assert.deepEqual(handled.codec.decode(toBinary(CreateOrderSchema, createOrder)), createOrder)
    assert.equal(decider.handles('orders.CompleteOrder'), undefined)
  })

  test('refuses a type that nobody handles', () => {
    const extras = { domain: 'order', type_url: 'type.googleapis.com/orders.CreateOrder' }
    const refusal = dispatch('NO_HANDLER_REGISTERED', 'INVALID_ARGUMENT', extras)
    assert.throws(() => decide(order()), refusal)
  })

  test('fills the cover of a refusal, thrown at once or later', async () => {
    const refusing = order().handles(CreateOrderSchema, () => {
      throw new CommandRejectedError('no')
    })
    assert.throws(() => decide(refusing), { cover: context.cover })
    const later = order().handles(CreateOrderSchema, async () => {
      await Promise.resolve()
      throw new CommandRejectedError('no')
    })
    await assert.rejects(async () => decide(later), { cover: context.cover })
  })

  test('hands an instance made elsewhere to the handler', () => {
    const definition = order().handles(CreateOrderSchema, () => created).definition
    const selves: (object | undefined)[] = []
    const [entry = assert.fail()] = definition.entries
    const spied = {
      ...definition,
      create: () => ({ made: true }),
      entries: [{ ...entry, call: (self: object | undefined) => selves.push(self) }],
    }
    const own = { made: false }
    const decider = commandDecider(spied)
    decider.decide('orders.CreateOrder', createOrder, state(), 0, context)
    decider.decide('orders.CreateOrder', createOrder, state(), 0, context, own)
    assert.deepEqual(selves, [{ made: true }, own])
  })

  test('tells events, a book and a response apart', () => {
    const book = bookOf('order', [])
    assert.deepEqual(normalizeCommandResult(undefined), { kind: 'events', messages: [] })
    assert.deepEqual(normalizeCommandResult(null), { kind: 'events', messages: [] })
    assert.deepEqual(normalizeCommandResult(created), { kind: 'events', messages: [created] })
    assert.deepEqual(normalizeCommandResult([]), { kind: 'events', messages: [] })
    assert.deepEqual(normalizeCommandResult(book), { kind: 'book', book })
    assert.throws(() => normalizeCommandResult([book]), coded('HANDLER_WRONG_RESPONSE_KIND'))
  })
})

describe('the other deciders', () => {
  const reserve = () => command('inventory', 'k', ReserveStockSchema, {})
  const source = { sourceCover: undefined, sourceSeq: 0, sourceEvents: bookOf('order', []) }
  const none = new Destinations()

  test('answer at once when their handlers do', () => {
    const facts = factDecider(order().handlesFact(OrderCreatedSchema, (event) => event).definition)
    const factContext = { ...context, sequence: 0, externalId: undefined }
    assert.deepEqual(facts.decide('orders.OrderCreated', created, state(), factContext), [
      { kind: 'events', messages: [created] },
    ])
    assert.deepEqual(facts.decide('orders.Unknown', created, state(), factContext), [])

    const saga = defineSaga({ name: 's', source: 'order', target: 'inventory' })
      .handles(OrderCreatedSchema, reserve)
      .handles(OrderCreatedSchema, reserve)
    const sagaAnswer = sagaDecider(saga.definition).decide(
      'orders.OrderCreated',
      created,
      none,
      source,
    )
    assert.ok('commands' in sagaAnswer)
    assert.equal(sagaAnswer.commands.length, 2)

    const process = defineProcessManager({
      name: 'flow',
      pmDomain: 'flow',
      sources: ['order'],
      targets: ['inventory'],
      state: WorkflowStateSchema,
    }).handles(OrderCreatedSchema, () => new ProcessManagerResponse({ commands: [reserve()] }))
    const stateFor = () => stateFolder(process.definition).fresh()
    const answer = processDecider(process.definition).decide(
      'orders.OrderCreated',
      created,
      stateFor,
      none,
      source,
    )
    assert.ok('commands' in answer)
    assert.equal(answer.commands.length, 1)
  })

  test('project at once when their handlers do', () => {
    const seen: Message[] = []
    const projector = eventProjector(
      defineProjector({ name: 'p', domains: ['order'] }).handles(OrderCreatedSchema, (event) => {
        seen.push(event)
      }).definition,
    )
    const at: ProjectionContext = {
      cover: undefined,
      sequence: 0,
      correlationId: '',
      createdAt: undefined,
      speculative: false,
      projection: noProjectionStore(),
    }
    assert.equal(projector.project(undefined, 'orders.OrderCreated', created, at), undefined)
    assert.deepEqual(seen, [created])
    assert.deepEqual(
      ['order', 'stock'].map((domain) => projector.follows(domain)),
      [true, false],
    )
  })
})

describe('known messages', () => {
  test('come with the file of any schema that is mentioned', () => {
    order().handles(CompleteOrderSchema, () => undefined)
    assert.equal(knownSchema('orders.OrderCreated'), OrderCreatedSchema)
  })

  test('are packed by their name', () => {
    const made = make(ShuffledSchema, { last: 'x' })
    assert.equal(packMessage(made).typeUrl, 'type.googleapis.com/everything.Shuffled')
    assert.equal(knownSchema('everything.Tree'), TreeSchema)
  })

  test('do not include a type that nothing mentions', () => {
    const stranger = createElsewhere(OldSchema, { name: 'x' })
    const refusal = dispatch('MESSAGE_SCHEMA_UNKNOWN', 'INTERNAL', { actual: 'legacy.Old' })
    assert.throws(() => packMessage(stranger), refusal)
    make(OldSchema, { name: 'x' })
    assert.equal(packMessage(stranger).typeUrl, 'type.googleapis.com/legacy.Old')
  })
})
