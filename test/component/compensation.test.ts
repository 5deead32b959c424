import { strict as assert } from 'node:assert'
import { describe, test } from 'node:test'
import { create } from '@bufbuild/protobuf'
import {
  CompensationContext,
  delegateToFramework,
  emitCompensationEvents,
  isNotification,
  PMRevocationResponse,
  pmDelegateToFramework,
  pmEmitCompensationEvents,
} from '../../src/component/compensation.ts'
import { Destinations } from '../../src/component/destinations.ts'
import { command } from '../../src/component/outgoing-books.ts'
import { RevocationResponseSchema } from '../../src/proto/angzarr_client/proto/angzarr/command_handler_pb.ts'
import {
  type CommandBook,
  type Cover,
  NotificationSchema,
  RejectionNotificationSchema,
} from '../../src/proto/angzarr_client/proto/angzarr/types_pb.ts'
import { packAny } from '../../src/wire/any.ts'
import { CreateShipmentSchema } from '../fixtures/gen/fulfillment_pb.ts'
import { ReserveStockSchema } from '../fixtures/gen/inventory_pb.ts'
import { bookOf, corrupt, coverOf, make, rejectionOf } from './envelopes.ts'
import { coded } from './has-code.ts'

const reserve = make(ReserveStockSchema, { sku: 'tea' })
const context = CompensationContext.fromNotification(rejectionOf('inventory', reserve, 'sold out'))
const defaults = {
  rejectedCommand: undefined,
  rejectionReason: '',
  sourceAggregate: undefined,
  sourceEventSequence: 0,
}

function fieldsOf(of: CompensationContext) {
  const { rejectedCommand, rejectionReason, sourceAggregate, sourceEventSequence } = of
  return { rejectedCommand, rejectionReason, sourceAggregate, sourceEventSequence }
}

function notify(rejectedCommand: CommandBook) {
  const rejection = create(RejectionNotificationSchema, { rejectedCommand })
  return create(NotificationSchema, { payload: packAny(RejectionNotificationSchema, rejection) })
}

describe('the context of a compensation', () => {
  test('has the command and the reason [client-U-COMP-1]', () => {
    assert.equal(context.rejectedCommand?.cover?.domain, 'inventory')
    assert.equal(context.rejectionReason, 'sold out')
  })

  test('has cover and sequence of where the command came from [client-U-COMP-2]', () => {
    assert.deepEqual(context.sourceAggregate, coverOf('order', 'corr-1'))
    assert.equal(context.sourceEventSequence, 4)
    assert.equal(context.sourceDomain, 'order')
    assert.deepEqual(context.sourceRoot, new Uint8Array(16).fill(7))
  })

  test('has the correlation id and the type to route by [client-U-COMP-3]', () => {
    assert.equal(context.rejectedCommand?.cover?.correlationId, 'corr-1')
    assert.equal(context.rejectedCommandType, 'type.googleapis.com/inventory.ReserveStock')
    assert.equal(context.dispatchKey, 'inventory/inventory.ReserveStock')
  })

  test('without a refused command has empty fields [client-U-COMP-4]', () => {
    const rejection = create(RejectionNotificationSchema, { rejectionReason: 'why' })
    const empty = CompensationContext.fromNotification(
      create(NotificationSchema, { payload: packAny(RejectionNotificationSchema, rejection) }),
    )
    assert.deepEqual(fieldsOf(empty), { ...defaults, rejectionReason: 'why' })
    assert.deepEqual(
      [empty.rejectedCommandType, empty.sourceDomain, empty.sourceRoot, empty.dispatchKey],
      [undefined, undefined, undefined, ''],
    )
  })

  test('without a payload, or with another one, has the defaults [client-U-COMP-5]', () => {
    const payloads = [
      create(NotificationSchema),
      create(NotificationSchema, { payload: packAny(ReserveStockSchema, reserve) }),
      create(NotificationSchema, {
        payload: { typeUrl: `type.googleapis.com/${RejectionNotificationSchema.typeName}` },
      }),
    ]
    for (const notification of payloads) {
      assert.deepEqual(fieldsOf(CompensationContext.fromNotification(notification)), defaults)
    }
  })

  test('refuses a malformed payload', () => {
    const notification = create(NotificationSchema, {
      payload: corrupt(RejectionNotificationSchema.typeName),
    })
    assert.throws(
      () => CompensationContext.fromNotification(notification),
      coded('ANY_DECODE_FAILED'),
    )
  })

  test('of a command without an origin has no source', () => {
    const plain = CompensationContext.fromNotification(
      notify(command('inventory', 'k', ReserveStockSchema, {}, { sequence: 3 })),
    )
    assert.deepEqual([plain.sourceAggregate, plain.sourceEventSequence], [undefined, 0])
  })

  test('has no key when domain or type are missing', () => {
    const book = command('inventory', 'k', ReserveStockSchema, {})
    const noDomain = { ...book, cover: { ...(book.cover ?? assert.fail()), domain: '' } }
    const noPages = { ...book, pages: [] }
    for (const broken of [noDomain, noPages]) {
      assert.equal(CompensationContext.fromNotification(notify(broken)).dispatchKey, '')
    }
  })

  test('leads from the innermost refusal to where a chain of sagas began [client-U-COMP-9]', () => {
    const emit = (domain: string, source: Cover, sequence: number) => {
      const book = command(domain, 'k', CreateShipmentSchema, {})
      for (const page of book.pages) page.header = Destinations.deferredHeader(source, sequence)
      return book
    }
    const outer = emit('inventory', coverOf('order'), 2)
    const inner = emit('fulfillment', outer.cover ?? assert.fail(), 5)
    const hops = [inner, outer].map((book) => {
      const { sourceDomain, sourceEventSequence } = CompensationContext.fromNotification(
        notify(book),
      )
      return [sourceDomain, sourceEventSequence]
    })
    assert.deepEqual(hops, [
      ['inventory', 5],
      ['order', 2],
    ])
  })
})

describe('the helpers of compensation', () => {
  const flags = { sendToDeadLetterQueue: false, escalate: false, abort: false }

  test('leave it to the framework, which records it unless told otherwise', () => {
    const plain = { ...flags, emitSystemRevocation: true, reason: 'no' }
    const value = create(RevocationResponseSchema, plain)
    assert.deepEqual(delegateToFramework('no').result, { case: 'revocation', value })
    const { revocation, processEvents } = pmDelegateToFramework('no')
    assert.deepEqual([revocation, processEvents], [value, undefined])
  })

  test('map every option', () => {
    const options = {
      emitSystemEvent: false,
      sendToDeadLetter: true,
      escalate: true,
      abort: true,
    }
    const value = create(RevocationResponseSchema, {
      emitSystemRevocation: false,
      sendToDeadLetterQueue: true,
      escalate: true,
      abort: true,
      reason: 'no',
    })
    assert.deepEqual(delegateToFramework('no', options).result.value, value)
    assert.deepEqual(pmDelegateToFramework('no', options).revocation, value)
  })

  test('compensate by events', () => {
    const book = bookOf('order', [])
    assert.deepEqual(emitCompensationEvents(book).result, { case: 'events', value: book })
    const quiet = pmEmitCompensationEvents(book)
    const silent = create(RevocationResponseSchema, { ...flags, emitSystemRevocation: false })
    assert.deepEqual([quiet.processEvents, quiet.revocation], [book, silent])
    const loud = pmEmitCompensationEvents(book, true, 'why').revocation
    assert.deepEqual([loud.emitSystemRevocation, loud.reason], [true, 'why'])
  })

  test('refuse a process manager response without a revocation', () => {
    const nothing = {} as ConstructorParameters<typeof PMRevocationResponse>[0] // as without types
    assert.throws(() => new PMRevocationResponse(nothing), TypeError)
  })

  test('know a notification by its exact type URL', () => {
    const name = 'angzarr_client.proto.angzarr.Notification'
    assert.equal(isNotification(`type.googleapis.com/${name}`), true)
    for (const url of [name, `/${name}`, 'type.googleapis.com/x.Notification', '']) {
      assert.equal(isNotification(url), false)
    }
  })
})
