import { strict as assert } from 'node:assert'
import { describe, test } from 'node:test'
import { create, type Message } from '@bufbuild/protobuf'
import { processManager } from '../../src/component/decorate-class.ts'
import { applies, handles } from '../../src/component/decorate-method.ts'
import { defineProcessManager } from '../../src/component/define-process-manager.ts'
import type { SagaSource } from '../../src/component/handler-context.ts'
import { ProcessManagerResponse } from '../../src/component/handler-responses.ts'
import { command, fact } from '../../src/component/outgoing-books.ts'
import {
  ProcessManagerHandleRequestSchema,
  ProcessManagerHandleResponseSchema,
} from '../../src/proto/angzarr_client/proto/angzarr/process_manager_pb.ts'
import {
  EditionSchema,
  type EventBook,
  EventBookSchema,
  NotificationSchema,
} from '../../src/proto/angzarr_client/proto/angzarr/types_pb.ts'
import * as counter from '../fixtures/gen/counter_pb.ts'
import { CreateShipmentSchema } from '../fixtures/gen/fulfillment_pb.ts'
import { StockAddedSchema } from '../fixtures/gen/inventory_pb.ts'
import { OrderCompletedSchema, OrderCreatedSchema } from '../fixtures/gen/orders_pb.ts'
import * as workflow from '../fixtures/gen/workflow_pb.ts'
import { processes } from './counter.ts'
import {
  bookOf,
  corruptPage,
  make,
  messagesIn,
  notificationBook,
  outline,
  pagesOf,
  processRequest,
  rejectionOf,
} from './envelopes.ts'
import { coded, dispatch } from './has-code.ts'
import { processRouter } from './routers.ts'

const completed = make(OrderCompletedSchema, { orderId: 'o-1' })
const steps = (n: number) => Array.from({ length: n }, () => make(workflow.StepCompletedSchema))
const options = {
  name: 'flow',
  pmDomain: 'flow',
  sources: ['order', 'payment'],
  targets: ['fulfillment'],
  state: workflow.WorkflowStateSchema,
}
const ship = (key = 'o-1') => command('fulfillment', key, CreateShipmentSchema, {})
const flow = (name = 'flow') => defineProcessManager({ ...options, name })
const shipping = (name = 'flow') =>
  flow(name).handles(OrderCompletedSchema, () => new ProcessManagerResponse({ commands: [ship()] }))

for (const { spelling, component } of processes) {
  describe(`the order process ${spelling}`, () => {
    const router = processRouter(component)
    const increased = make(counter.IncreasedSchema)

    test('turns an event into a stamped command [client-R-PM-1]', async () => {
      const { commands } = await router.dispatch(
        processRequest(bookOf('counter', [increased]), { inventory: 4 }),
      )
      assert.equal(commands.length, 1)
      assert.equal(commands[0]?.pages[0]?.header?.sequenceType.value, 4)
    })

    test('is not triggered by the history behind the newest page [client-R-PM-2]', async () => {
      const trigger = bookOf('counter', [increased, make(counter.AddedSchema)])
      const response = await router.dispatch(processRequest(trigger, { inventory: 4 }))
      assert.deepEqual(response, create(ProcessManagerHandleResponseSchema))
    })

    test('is not triggered by a domain it does not follow [client-R-PM-3]', async () => {
      const trigger = bookOf('billing', [increased])
      const response = await router.dispatch(processRequest(trigger, { inventory: 4 }))
      assert.deepEqual(response, create(ProcessManagerHandleResponseSchema))
    })

    test('rebuilds its state from its own events [client-R-PM-4]', async () => {
      const trigger = bookOf('counter', [increased])
      const { commands } = await router.dispatch(
        processRequest(trigger, { inventory: 4 }, bookOf('order-pm', steps(3))),
      )
      const payload = commands[0]?.pages[0]?.payload
      assert.equal(payload?.case, 'command')
      const key = make(counter.ReserveSchema, { key: '3' })
      const [expected] = command('inventory', 'k', counter.ReserveSchema, key).pages
      assert.deepEqual(payload.value, expected?.payload.value)
    })

    test('refuses a request without a trigger, or one without pages [client-R-PM-5] [client-R-PM-6]', async () => {
      const missing = create(ProcessManagerHandleRequestSchema)
      await assert.rejects(
        router.dispatch(missing),
        dispatch('MISSING_PM_TRIGGER', 'INVALID_ARGUMENT'),
      )
      await assert.rejects(
        router.dispatch(processRequest(bookOf('counter', []))),
        dispatch('EMPTY_PM_TRIGGER', 'INVALID_ARGUMENT'),
      )
    })

    test('answers a rejection with an event of its own and a notification upstream [client-R-PM-7]', async () => {
      const rejection = rejectionOf('inventory', make(counter.ReserveSchema))
      const response = await router.dispatch(
        processRequest(notificationBook('inventory', rejection), {}, bookOf('order-pm', steps(2))),
      )
      const pages = response.processEvents.flatMap((book) => book.pages)
      const [failed, ...rest] = messagesIn(workflow.WorkflowFailedSchema, pages)
      assert.deepEqual([failed?.reason, rest], ['not enough stock after 2', []])
      assert.deepEqual(response.notification, create(NotificationSchema))
    })
  })
}

describe('process manager dispatch', () => {
  test('turns a matching trigger into exactly one command [client-C-0020]', async () => {
    const request = processRequest(bookOf('order', [completed]))
    const { commands } = await processRouter(shipping()).dispatch(request)
    assert.deepEqual(
      commands.map(({ cover }) => cover?.domain),
      ['fulfillment'],
    )
  })

  test('shows a handler the state after two events of its own [client-C-0021]', async () => {
    const seen: number[] = []
    const counting = flow()
      .applies(OrderCompletedSchema, (state) => {
        state.completed++
      })
      .handles(OrderCompletedSchema, (_event, state) => {
        seen.push(state.completed)
      })
    const state = bookOf('flow', [completed, completed])
    await processRouter(counting).dispatch(processRequest(bookOf('order', [completed]), {}, state))
    assert.deepEqual(seen, [2])
  })

  test('ignores a trigger from a domain outside its sources [client-C-0022]', async () => {
    const request = processRequest(bookOf('inventory', [completed]))
    assert.deepEqual((await processRouter(shipping()).dispatch(request)).commands, [])
  })

  test('runs two process managers on one trigger in order [client-C-0014]', async () => {
    const named = (name: string) =>
      flow(name).handles(
        OrderCompletedSchema,
        async () =>
          new ProcessManagerResponse({
            commands: [await Promise.resolve(command(name, 'k', CreateShipmentSchema, {}))],
          }),
      )
    const router = processRouter(named('first'), named('second'))
    const { commands } = await router.dispatch(processRequest(bookOf('order', [completed])))
    assert.deepEqual(
      commands.map(({ cover }) => cover?.domain),
      ['first', 'second'],
    )
  })

  test('hosts several process managers that do not touch each other [client-R-NEW]', async () => {
    const keep = (name: string, source: string) =>
      defineProcessManager({ ...options, name, sources: [source] })
        .applies(workflow.StepCompletedSchema, (state) => {
          state.completed++
        })
        .handles(
          OrderCompletedSchema,
          (_event, state) =>
            new ProcessManagerResponse({
              processEvents: [make(workflow.StepCompletedSchema, { step: `${state.completed}` })],
            }),
        )
    const router = processRouter(keep('one', 'order'), keep('two', 'payment'))
    const trigger = bookOf('payment', [completed])
    const { processEvents } = await router.dispatch(
      processRequest(trigger, {}, bookOf('flow', steps(1))),
    )
    const [event, ...rest] = messagesIn(
      workflow.StepCompletedSchema,
      processEvents.flatMap(({ pages }) => pages),
    )
    assert.deepEqual([event?.step, rest], ['1', []])
  })

  test('leaves the edition of what is emitted to the coordinator [client-C-0143] [client-C-0144] [client-C-0145]', async () => {
    const given = ship()
    assert.ok(given.cover)
    given.cover.edition = create(EditionSchema, { name: 'beta' })
    const own = create(EventBookSchema, { cover: { domain: 'flow' }, pages: pagesOf(steps(1)) })
    const emitting = flow().handles(
      OrderCompletedSchema,
      () => new ProcessManagerResponse({ commands: [ship(), given], processEvents: [own] }),
    )
    const trigger = bookOf('order', [completed])
    assert.ok(trigger.cover)
    trigger.cover.edition = create(EditionSchema, { name: 'alpha' })
    const { commands, processEvents } = await processRouter(emitting).dispatch(
      processRequest(trigger),
    )
    const editions = [...commands, ...processEvents].map(({ cover }) => cover?.edition?.name)
    assert.deepEqual(editions, [undefined, 'beta', undefined])
  })

  test('keeps the books of process events apart and does not number them', async () => {
    const [event] = steps(1)
    const first = bookOf('flow', [completed], 5)
    const emitting = flow().handles(
      OrderCompletedSchema,
      () =>
        new ProcessManagerResponse({
          processEvents: [first, ...steps(2)],
          facts: [fact('inventory', 'k', StockAddedSchema, {})],
        }),
    )
    const response = await processRouter(emitting).dispatch(
      processRequest(bookOf('order', [completed])),
    )
    assert.deepEqual(
      response.processEvents.map(({ pages }) => outline(pages)),
      [
        [['orders.OrderCompleted', 5]],
        [
          [event?.$typeName, undefined],
          [event?.$typeName, undefined],
        ],
      ],
    )
    assert.equal(response.facts[0]?.cover?.correlationId, 'corr-1')
  })

  test('tells the handler where the trigger stands', async () => {
    const told: SagaSource[] = []
    const watching = flow().handles(OrderCompletedSchema, (_event, _state, to, source) => {
      assert.deepEqual(to.domains, ['zulu', 'alpha'])
      told.push(source)
    })
    const trigger = bookOf('order', [completed, completed])
    await processRouter(watching).dispatch(processRequest(trigger, { zulu: 1, alpha: 2 }))
    const expected = { sourceCover: trigger.cover, sourceSeq: 1, sourceEvents: trigger }
    assert.deepEqual(told, [expected])
  })

  test('gives each handler an instance and a state of its own', async () => {
    const seen: [number, number][] = []
    let made = 0
    @processManager(options)
    class Twice {
      readonly #number = ++made
      @applies(workflow.StepCompletedSchema)
      step(state: workflow.WorkflowState, _event: workflow.StepCompleted) {
        state.completed++
      }
      @handles(OrderCompletedSchema) first(_event: Message, state: workflow.WorkflowState) {
        seen.push([this.#number, state.completed])
        state.completed = 100
      }
      @handles(OrderCompletedSchema) second(_event: Message, state: workflow.WorkflowState) {
        seen.push([this.#number, state.completed])
      }
    }
    const request = processRequest(bookOf('order', [completed]), {}, bookOf('flow', steps(2)))
    await processRouter(Twice).dispatch(request)
    assert.deepEqual(seen, [
      [1, 2],
      [2, 2],
    ])
  })

  test('accepts the response message of the contract', async () => {
    const answer = create(ProcessManagerHandleResponseSchema, {
      commands: [ship()],
      notification: {},
    })
    const router = processRouter(flow().handles(OrderCompletedSchema, () => answer))
    const response = await router.dispatch(processRequest(bookOf('order', [completed])))
    assert.equal(response.commands.length, 1)
    assert.ok(response.notification)
  })

  test('refuses an answer of another type', async () => {
    const wrong: readonly [unknown, string][] = [
      [ship(), 'angzarr_client.proto.angzarr.CommandBook'],
      [[ship()], 'Array'],
      ['no', 'string'],
      [completed, 'orders.OrderCompleted'],
    ]
    for (const [answer, actual] of wrong) {
      const router = processRouter(
        flow().handles(OrderCompletedSchema, () => answer as undefined), // the types refuse it
      )
      await assert.rejects(
        router.dispatch(processRequest(bookOf('order', [completed]))),
        dispatch('PM_HANDLER_WRONG_RETURN_TYPE', 'INTERNAL', { actual_return_type: actual }),
      )
    }
  })

  test('refuses a last page without an inline event', async () => {
    const trigger = create(EventBookSchema, { pages: [...pagesOf([completed]), {}] })
    await assert.rejects(
      processRouter(shipping()).dispatch(processRequest(trigger)),
      dispatch('MISSING_PM_EVENT_PAYLOAD', 'INVALID_ARGUMENT'),
    )
  })

  test('refuses a trigger whose type URL lacks the prefix', async () => {
    const typeUrl = 'orders.OrderCompleted'
    const trigger = create(EventBookSchema, {
      pages: [{ payload: { case: 'event', value: { typeUrl } } }],
    })
    await assert.rejects(
      processRouter(shipping()).dispatch(processRequest(trigger)),
      dispatch('PM_INVALID_TYPE_URL', 'INVALID_ARGUMENT', { type_url: typeUrl }),
    )
  })

  test('refuses malformed bytes of the trigger and of its own history', async () => {
    const trigger = bookOf('order', [])
    trigger.pages = [corruptPage('orders.OrderCompleted')]
    const router = processRouter(shipping())
    await assert.rejects(router.dispatch(processRequest(trigger)), coded('ANY_DECODE_FAILED'))
    const state: EventBook = create(EventBookSchema, {
      pages: [corruptPage('workflow.StepCompleted')],
    })
    const stateful = shipping().applies(workflow.StepCompletedSchema, () => undefined)
    const request = processRequest(bookOf('order', [completed]), {}, state)
    await assert.rejects(processRouter(stateful).dispatch(request), coded('ANY_DECODE_FAILED'))
  })

  test('follows several domains', async () => {
    for (const domain of options.sources) {
      const request = processRequest(bookOf(domain, [completed]))
      assert.equal((await processRouter(shipping()).dispatch(request)).commands.length, 1)
    }
    const created = processRequest(bookOf('order', [make(OrderCreatedSchema)]))
    assert.equal((await processRouter(shipping()).dispatch(created)).commands.length, 0)
  })
})
