import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fromBinary } from '@bufbuild/protobuf'
import { ReserveStockSchema } from '../../test/fixtures/gen/inventory_pb.ts'
import { fakeClock } from './fake-clock.ts'
import {
  type CommandBook,
  MergeStrategy,
  NotificationSchema,
  RejectionNotificationSchema,
} from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { makeCommandBook, makeCover, testingPackEvent, uuidFor } from './book-builders.ts'
import {
  makeRejection,
  makeRejectionCommand,
  makeRejectionNotification,
  withOrigin,
} from './rejection-builders.ts'

const source = makeCover('order', uuidFor('order-42'))
const reserve = (): CommandBook =>
  makeCommandBook(
    makeCover('inventory', uuidFor('inventory-1'), 'corr-99'),
    testingPackEvent(ReserveStockSchema, { sku: 'chai' }),
  )
const emitted = (): CommandBook => withOrigin(reserve(), { source, sourceSequence: 4 })

describe('makeRejection', () => {
  it('keeps the command unchanged and the reason word for word [client-U-COMP-6]', () => {
    for (const reason of ['sold out', '{"code":"SOLD_OUT","left":0}', '']) {
      const rejection = makeRejection(emitted(), reason)
      assert.deepEqual(rejection.rejectedCommand, emitted())
      assert.equal(rejection.rejectionReason, reason)
    }
  })

  it('carries a code when there is one', () => {
    assert.equal(makeRejection(emitted(), 'sold out', { code: 'SOLD_OUT' }).code, 'SOLD_OUT')
    assert.equal(makeRejection(emitted(), 'sold out').code, '')
  })
})

describe('makeRejectionNotification', () => {
  it('has a cover, the rejection as payload, and a time [client-U-COMP-7]', () => {
    const clock = fakeClock({ wall: 5_000_000_000n })
    const notification = makeRejectionNotification(emitted(), 'sold out', { clock })
    assert.equal(notification.cover?.domain, 'order')
    assert.deepEqual(notification.cover?.root, source.root)
    assert.equal(
      notification.payload?.typeUrl,
      'type.googleapis.com/angzarr_client.proto.angzarr.RejectionNotification',
    )
    assert.equal(notification.sentAt?.seconds, 5n)
    const rejection = fromBinary(RejectionNotificationSchema, notification.payload.value)
    assert.equal(rejection.rejectionReason, 'sold out')
  })

  it('is addressed to the target itself when the command has no origin', () => {
    assert.equal(makeRejectionNotification(reserve(), 'sold out').cover?.domain, 'inventory')
  })

  it('leaves the cover of the source as it is', () => {
    makeRejectionNotification(emitted(), 'sold out')
    assert.equal(source.correlationId, '')
  })
})

describe('makeRejectionCommand', () => {
  it('goes to the source under the correlation id of the command [client-U-COMP-8]', () => {
    const command = makeRejectionCommand(emitted(), 'sold out')
    assert.equal(command.cover?.domain, 'order')
    assert.equal(command.cover?.correlationId, 'corr-99')
    const [page, ...more] = command.pages
    assert.equal(more.length, 0)
    assert.equal(page?.mergeStrategy, MergeStrategy.MERGE_COMMUTATIVE)
    assert.ok(page?.payload.case === 'command')
    assert.equal(
      page.payload.value.typeUrl,
      'type.googleapis.com/angzarr_client.proto.angzarr.Notification',
    )
    const notification = fromBinary(NotificationSchema, page.payload.value.value)
    assert.equal(notification.cover?.domain, 'order')
  })

  it('keeps the chain of origins of nested commands [client-U-COMP-9]', () => {
    const outer = makeCover('cart', uuidFor('cart-1'), 'corr-1')
    const middle = withOrigin(reserve(), { source: outer, sourceSequence: 1 })
    const [first] = makeRejectionCommand(middle, 'sold out').pages
    assert.ok(first?.header?.sequenceType.case === 'angzarrDeferred')
    assert.equal(first.header.sequenceType.value.source?.domain, 'cart')
    assert.equal(first.header.sequenceType.value.sourceSeq, 1)
    assert.equal(makeRejectionCommand(middle, 'sold out').cover?.correlationId, 'corr-1')
  })
})

describe('withOrigin', () => {
  it('marks every page and answers the same book', () => {
    const book = reserve()
    assert.equal(withOrigin(book, { source, sourceSequence: 4 }), book)
    for (const { header } of book.pages) {
      assert.ok(header?.sequenceType.case === 'angzarrDeferred')
      assert.equal(header.sequenceType.value.source, source)
      assert.equal(header.sequenceType.value.sourceSeq, 4)
    }
  })
})
