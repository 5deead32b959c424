import { strict as assert } from 'node:assert'
import { describe, test } from 'node:test'
import { create, type Message } from '@bufbuild/protobuf'
import {
  pmDelegateToFramework,
  pmEmitCompensationEvents,
} from '../../src/component/compensation.ts'
import {
  answerProcessRejection,
  answerSagaRejection,
} from '../../src/component/decide-rejection.ts'
import { defineProcessManager } from '../../src/component/define-process-manager.ts'
import { defineSaga } from '../../src/component/define-saga.ts'
import { stateFolder } from '../../src/component/fold.ts'
import {
  RejectionHandlerResponse,
  SagaHandlerResponse,
} from '../../src/component/handler-responses.ts'
import { fact } from '../../src/component/outgoing-books.ts'
import { NotificationSchema } from '../../src/proto/angzarr_client/proto/angzarr/types_pb.ts'
import { ReserveStockSchema } from '../fixtures/gen/inventory_pb.ts'
import { FundsReleasedSchema } from '../fixtures/gen/payment_pb.ts'
import { WorkflowFailedSchema, WorkflowStateSchema } from '../fixtures/gen/workflow_pb.ts'
import { bookOf, make, notificationBook, outline, rejectionOf, sagaRequest } from './envelopes.ts'
import { coded } from './has-code.ts'
import { sagaRouter } from './routers.ts'

const refused = rejectionOf('inventory', make(ReserveStockSchema, { sku: 'tea' }))
const released = () => make(FundsReleasedSchema, { amount: 1n })

describe('a rejection of a saga', () => {
  const stock = () => defineSaga({ name: 's', source: 'order', target: 'inventory' })
  const added = () => fact('payment', 'k', FundsReleasedSchema, { amount: 1n })
  const trigger = () => sagaRequest(notificationBook('inventory', refused))

  test('may be answered by any response of a saga', async () => {
    const answers = [
      added(),
      [added()],
      new SagaHandlerResponse({ events: [added()] }),
      new RejectionHandlerResponse({ events: [added()] }),
    ]
    for (const answer of answers) {
      const router = sagaRouter(stock().rejected('inventory', 'ReserveStock', () => answer))
      const { events } = await router.dispatch(trigger())
      assert.deepEqual(
        events.map(({ cover }) => cover?.domain),
        ['payment'],
      )
    }
  })

  test('keeps the notification for whoever can forward it', () => {
    const upstream = create(NotificationSchema)
    const forwarding = stock().rejected(
      'inventory',
      'ReserveStock',
      () => new RejectionHandlerResponse({ notification: upstream }),
    )
    const output = answerSagaRejection(forwarding.definition, refused)
    assert.ok(output !== undefined && 'notification' in output)
    assert.equal(output.notification, upstream)
  })

  test('is not answered by an event without an address', async () => {
    const wrong = () => released() as unknown as undefined // the types refuse it
    await assert.rejects(
      sagaRouter(stock().rejected('inventory', 'ReserveStock', wrong)).dispatch(trigger()),
      coded('SAGA_HANDLER_UNSUPPORTED_RETURN_TYPE'),
    )
  })
})

describe('a rejection of a process manager', () => {
  const flow = () =>
    defineProcessManager({
      name: 'flow',
      pmDomain: 'flow',
      sources: ['order'],
      targets: ['inventory'],
      state: WorkflowStateSchema,
    })
  const failed = (): Message => make(WorkflowFailedSchema, { reason: 'no' })
  const answer = (result: Parameters<Parameters<typeof answerWith>[0]>[0]) =>
    answerWith(() => result)
  function answerWith(compensate: (result?: unknown) => unknown) {
    const component = flow().rejected(
      'inventory',
      ReserveStockSchema,
      compensate as () => undefined, // each test gives an answer that the types allow
    )
    const { definition } = component
    return answerProcessRejection(definition, refused, () => stateFolder(definition).fresh())
  }

  test('may be answered by events, bare or in books', () => {
    const book = bookOf('flow', [failed()])
    for (const result of [
      failed(),
      [failed()],
      book,
      new RejectionHandlerResponse({ events: [failed()] }),
    ]) {
      const output = answer(result)
      assert.ok(output !== undefined && 'processEvents' in output)
      const names = output.processEvents
        .flatMap(({ pages: all }) => outline(all))
        .map(([name]) => name)
      assert.deepEqual(names, ['workflow.WorkflowFailed'])
    }
  })

  test('may be left to the framework, with or without events', () => {
    const delegated = answer(pmDelegateToFramework('no handler'))
    assert.ok(delegated !== undefined && 'revocation' in delegated)
    assert.equal(delegated.revocation?.reason, 'no handler')
    assert.deepEqual(delegated.processEvents, [])
    const emitted = answer(pmEmitCompensationEvents(bookOf('flow', [failed()]), true, 'why'))
    assert.ok(emitted !== undefined && 'revocation' in emitted)
    assert.deepEqual(
      [emitted.processEvents.length, emitted.revocation?.emitSystemRevocation],
      [1, true],
    )
  })

  test('is not answered by anything else', () => {
    assert.throws(() => answer('no'), coded('PM_HANDLER_WRONG_RETURN_TYPE'))
  })

  test('that nobody declared has no answer', () => {
    const { definition } = flow()
    assert.equal(
      answerProcessRejection(definition, refused, () => ({})),
      undefined,
    )
  })
})
