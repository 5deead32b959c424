import { strict as assert } from 'node:assert'
import { describe, test } from 'node:test'
import { create } from '@bufbuild/protobuf'
import {
  CompensationContext,
  delegateToFramework,
  emitCompensationEvents,
} from '../../src/component/compensation.ts'
import { commandHandler } from '../../src/component/decorate-class.ts'
import { applies, rejected } from '../../src/component/decorate-method.ts'
import { defineAggregate } from '../../src/component/define-aggregate.ts'
import { answerRejection, undeclaredRejection } from '../../src/component/decide-rejection.ts'
import type { Rejection } from '../../src/component/handler-context.ts'
import { RejectionHandlerResponse } from '../../src/component/handler-responses.ts'
import type { RejectionResult } from '../../src/component/handler-results.ts'
import { stateFolder } from '../../src/component/fold.ts'
import { CommandRejectedError } from '../../src/errors/client-error.ts'
import {
  type BusinessResponse,
  BusinessResponseSchema,
} from '../../src/proto/angzarr_client/proto/angzarr/command_handler_pb.ts'
import {
  type EventPage,
  type Notification,
  NotificationSchema,
  RejectionNotificationSchema,
} from '../../src/proto/angzarr_client/proto/angzarr/types_pb.ts'
import { packAny } from '../../src/wire/any.ts'
import { CreateShipmentSchema } from '../fixtures/gen/fulfillment_pb.ts'
import { ReleaseStockSchema, ReserveStockSchema } from '../fixtures/gen/inventory_pb.ts'
import {
  AccountStateSchema,
  type AccountState,
  type FundsDeposited,
  FundsDepositedSchema,
  FundsReleasedSchema,
  ProcessPaymentSchema,
} from '../fixtures/gen/payment_pb.ts'
import { WorkflowFailedSchema } from '../fixtures/gen/workflow_pb.ts'
import {
  bookOf,
  commandRequest,
  corrupt,
  coverOf,
  make,
  messagesIn,
  notificationRequest,
  outline,
  rejectionOf,
  undoOf,
} from './envelopes.ts'
import { coded, dispatch } from './has-code.ts'
import { aggregates } from './routers.ts'

const reserve = make(ReserveStockSchema, { orderId: 'o-1', sku: 'tea' })
const released = (amount = 1n, reason = '') => make(FundsReleasedSchema, { amount, reason })
const refused = rejectionOf('inventory', reserve)
const account = () => defineAggregate({ domain: 'payment', state: AccountStateSchema })
const answering = (answer: () => RejectionResult) =>
  account().rejected('inventory', ReserveStockSchema, answer)

function pages({ result }: BusinessResponse): readonly EventPage[] {
  assert.equal(result.case, 'events')
  return 'pages' in result.value ? result.value.pages : []
}

@commandHandler({ domain: 'payment', state: AccountStateSchema })
class Account {
  @applies(FundsDepositedSchema) deposited(state: AccountState, event: FundsDeposited) {
    state.balance += event.amount
  }
  @rejected('inventory', 'ReserveStock')
  soldOut(_: Notification, state: AccountState, { reason }: Rejection) {
    return released(state.balance, reason)
  }
  @rejected('payment', ProcessPaymentSchema) unpaid(_n: Notification, _state: AccountState) {
    return make(WorkflowFailedSchema, { reason: 'unpaid' })
  }
}

describe('a rejection', () => {
  const router = aggregates(Account)

  test('gives one compensating event [client-C-0040]', async () => {
    const response = await router.dispatch(notificationRequest('payment', refused))
    assert.deepEqual(outline(pages(response)), [['payment.FundsReleased', 0]])
  })

  test('of another command gives none [client-C-0041]', async () => {
    const other = rejectionOf('inventory', make(ReleaseStockSchema))
    assert.deepEqual(pages(await router.dispatch(notificationRequest('payment', other))), [])
  })

  test('is answered by two aggregates in the order of registration [client-C-0042]', async () => {
    const both = aggregates(
      answering(() => released(1n)),
      defineAggregate({ domain: 'payment', state: AccountStateSchema }).rejected(
        'inventory',
        'inventory.ReserveStock',
        async () => Promise.resolve(released(2n)),
      ),
    )
    const response = await both.dispatch(notificationRequest('payment', refused))
    const amounts = messagesIn(FundsReleasedSchema, pages(response)).map(({ amount }) => amount)
    assert.deepEqual(amounts, [1n, 2n])
  })

  test('is answered on the state after the history [client-C-0080]', async () => {
    const history = bookOf('payment', [make(FundsDepositedSchema, { amount: 100n })])
    const response = await router.dispatch(notificationRequest('payment', refused, history))
    const [event] = messagesIn(FundsReleasedSchema, pages(response))
    assert.deepEqual([event?.amount, event?.reason], [100n, 'not enough stock'])
  })

  test('goes to the handler of its domain and command [client-C-0081]', async () => {
    const unpaid = rejectionOf('payment', make(ProcessPaymentSchema))
    const response = await router.dispatch(notificationRequest('payment', unpaid))
    assert.deepEqual(outline(pages(response)), [['workflow.WorkflowFailed', 0]])
  })

  test('of a third pair fires neither [client-C-0082]', async () => {
    const other = rejectionOf('fulfillment', make(CreateShipmentSchema))
    assert.deepEqual(pages(await router.dispatch(notificationRequest('payment', other))), [])
  })

  test('numbers its events behind the history [client-C-0083]', async () => {
    const two = aggregates(answering(() => [released(), released()]))
    const history = bookOf('payment', [], 7)
    const response = await two.dispatch(notificationRequest('payment', refused, history))
    const sequences = outline(pages(response)).map(([, sequence]) => sequence)
    assert.deepEqual(sequences, [7, 8])
  })

  test('without a compensator gives no events [client-C-0084]', async () => {
    const response = await aggregates(account()).dispatch(notificationRequest('payment', refused))
    assert.deepEqual(pages(response), [])
  })

  test('tells its handler the command, the reason, the code and the book', async () => {
    const told: Rejection<typeof ReserveStockSchema>[] = []
    const listening = account().rejected(
      'inventory',
      ReserveStockSchema,
      (_n, _state, rejection) => {
        told.push(rejection)
      },
    )
    await aggregates(listening).dispatch(notificationRequest('payment', refused))
    const [rejection] = told
    assert.deepEqual(rejection?.command, reserve)
    assert.deepEqual([rejection?.reason, rejection?.code], ['not enough stock', 'SOLD_OUT'])
    assert.equal(rejection?.commandBook.cover?.domain, 'inventory')
  })

  test('of a command that cannot be read fails only who reads it', async () => {
    const broken = rejectionOf('inventory', corrupt('inventory.ReserveStock'))
    const request = notificationRequest('payment', broken)
    const careless = answering(() => released())
    assert.equal(pages(await aggregates(careless).dispatch(request)).length, 1)
    const careful = account().rejected('inventory', 'ReserveStock', (_n, _state, { command }) => {
      assert.fail(command.$typeName)
    })
    await assert.rejects(aggregates(careful).dispatch(request), coded('ANY_DECODE_FAILED'))
  })

  test('that cannot be read is refused', async () => {
    const envelopes = [
      corrupt(NotificationSchema.typeName),
      packAny(
        NotificationSchema,
        make(NotificationSchema, { payload: corrupt(RejectionNotificationSchema.typeName) }),
      ),
    ]
    for (const envelope of envelopes) {
      const request = commandRequest('payment', envelope)
      await assert.rejects(router.dispatch(request), coded('ANY_DECODE_FAILED'))
    }
  })
})

describe('what a compensator returns', () => {
  const run = (...answers: (() => RejectionResult)[]) =>
    aggregates(...answers.map(answering)).dispatch(
      notificationRequest('payment', refused, bookOf('payment', [], 3)),
    )
  const upstream = create(NotificationSchema, { cover: coverOf('upstream') })

  test('may be a book, whose pages are numbered anew', async () => {
    const response = await run(() => bookOf('payment', [released(), released()], 40))
    assert.deepEqual(outline(pages(response)), [
      ['payment.FundsReleased', 3],
      ['payment.FundsReleased', 4],
    ])
  })

  test('may be a response with several books; the first cover with events counts', async () => {
    const response = await run(
      () =>
        new RejectionHandlerResponse({
          events: [bookOf('empty', []), bookOf('first', [released()]), released()],
          notification: upstream,
        }),
    )
    assert.deepEqual(
      outline(pages(response)).map(([, sequence]) => sequence),
      [3, 4],
    )
    assert.equal('cover' in response.result.value! && response.result.value.cover?.domain, 'first')
  })

  test('may be a notification, which counts when there are no events', async () => {
    const alone = await run(() => new RejectionHandlerResponse({ notification: upstream }))
    assert.deepEqual(alone.result, { case: 'notification', value: upstream })
    const beside = await run(
      () => new RejectionHandlerResponse({ notification: upstream }),
      () => released(),
    )
    assert.equal(beside.result.case, 'events')
  })

  test('may be a revocation; the first of them counts', async () => {
    const response = await run(
      () => undefined,
      () => delegateToFramework('first', { escalate: true }),
      () => new RejectionHandlerResponse({ notification: upstream }),
    )
    assert.equal(response.result.case, 'revocation')
    assert.deepEqual(response, delegateToFramework('first', { escalate: true }))
  })

  test('may be compensation events of the helper, or an empty response', async () => {
    const book = bookOf('payment', [released()])
    assert.equal(pages(await run(() => emitCompensationEvents(book))).length, 1)
    assert.deepEqual(pages(await run(() => create(BusinessResponseSchema))), [])
  })

  test('is refused when it is none of these', async () => {
    const wrong = () => 'sorry' as unknown as undefined // the types refuse it
    await assert.rejects(run(wrong), coded('HANDLER_WRONG_RESPONSE_KIND'))
  })
})

describe('a rejection without an answer', () => {
  const stateFor = () => stateFolder(account().definition).fresh()
  const unnamed = (): Notification =>
    create(NotificationSchema, {
      payload: packAny(RejectionNotificationSchema, make(RejectionNotificationSchema)),
    })

  test('that nobody declared is left to the framework [coordinator-AC-06]', () => {
    assert.equal(answerRejection(account().definition, refused, stateFor), undefined)
    const { result } = undeclaredRejection(refused)
    assert.ok(result.case === 'revocation')
    assert.equal(result.value.emitSystemRevocation, true)
    assert.equal(result.value.reason, 'no custom handler for inventory/inventory.ReserveStock')
  })

  test('because the handler threw gives nothing at all [coordinator-AC-07]', async () => {
    const throwing = answering(() => {
      throw new CommandRejectedError('cannot')
    })
    const request = notificationRequest('payment', refused)
    await assert.rejects(aggregates(throwing).dispatch(request), (error) => {
      assert.ok(error instanceof CommandRejectedError)
      assert.equal(error.cover, request.command?.cover)
      return true
    })
  })

  test('because it names no command reaches no handler [coordinator-AC-08]', () => {
    const listening = answering(() => released()).definition
    assert.equal(CompensationContext.fromNotification(unnamed()).dispatchKey, '')
    assert.equal(answerRejection(listening, unnamed(), stateFor), undefined)
    assert.equal(answerRejection(listening, create(NotificationSchema), stateFor), undefined)
    const { result } = undeclaredRejection(unnamed())
    assert.ok(result.case === 'revocation' && result.value.emitSystemRevocation)
  })

  test('because the handler had nothing to say is answered all the same [coordinator-AC-09]', async () => {
    const silent = answering(() => undefined)
    assert.deepEqual(answerRejection(silent.definition, refused, stateFor), [{ pages: [] }])
    const response = await aggregates(silent).dispatch(notificationRequest('payment', refused))
    assert.deepEqual(pages(response), [])
  })
})

describe('a request to undo', () => {
  const undoing = () =>
    account()
      .applies(FundsDepositedSchema, (state, { amount }) => {
        state.balance += amount
      })
      .undoes(ProcessPaymentSchema, (_n, state, { reason, sequences, compensate }) =>
        released(state.balance, `${reason} ${sequences.join()} ${compensate.commandType}`),
      )
  const history = bookOf('payment', [make(FundsDepositedSchema, { amount: 5n })])

  test('goes to the handler of the command it names', async () => {
    const request = notificationRequest('payment', undoOf('payment.ProcessPayment'), history)
    const response = await aggregates(undoing()).dispatch(request)
    const [event] = messagesIn(FundsReleasedSchema, pages(response))
    const reason = 'cascade failed 1,2 payment.ProcessPayment'
    assert.deepEqual([event?.amount, event?.reason], [5n, reason])
    assert.equal(outline(pages(response))[0]?.[1], 1)
  })

  test('of a command without an undo handler is refused [client-R-NEW]', async () => {
    const extras = { domain: 'payment', command_type: 'payment.DepositFunds' }
    for (const component of [account(), undoing()]) {
      await assert.rejects(
        aggregates(component).dispatch(
          notificationRequest('payment', undoOf('payment.DepositFunds')),
        ),
        dispatch('NO_UNDO_HANDLER', 'UNIMPLEMENTED', extras),
      )
    }
  })

  test('is not answered by an aggregate of another domain', async () => {
    const request = notificationRequest('order', undoOf('payment.ProcessPayment'))
    await assert.rejects(aggregates(undoing()).dispatch(request), coded('NO_UNDO_HANDLER'))
  })
})
