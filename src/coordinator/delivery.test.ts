import assert from 'node:assert/strict'
import { test } from 'node:test'
import { create } from '@bufbuild/protobuf'
import { CommandBookSchema } from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { type Delivery, deliveryOf, putDelivery } from './delivery.ts'

const root = '00000000-0000-0000-0000-000000000001'
const sent: Delivery = {
  component: 'adds',
  componentKind: 'saga',
  lane: 'l',
  path: '0000',
  origin: {
    key: { domain: 'order', edition: '', root: root as Delivery['origin']['key']['root'] },
    sequence: 3,
    position: 9,
    correlationId: 'w-1',
  },
  parcel: { kind: 'command', command: create(CommandBookSchema, { pages: [{}] }) },
  attempts: 0,
  recovered: false,
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  enqueuedAt: 5_000_000_000n,
}

test('a delivery keeps its place in its trace, and when it was emitted, over a restart', () => {
  const change = putDelivery(sent, 9_000_000_000n)
  assert.ok(change.kind === 'put')
  const { space, key, value } = change
  const read = deliveryOf({ space, key, value, version: 1, group: undefined, dueAt: undefined })
  assert.equal(read.traceparent, sent.traceparent)
  assert.equal(read.enqueuedAt, sent.enqueuedAt)
})
