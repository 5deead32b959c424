import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { create } from '@bufbuild/protobuf'
import { orderRoot, toProtoBytes } from '../../identity/compute-root.ts'
import {
  CommandBookSchema,
  CoverSchema,
  EventBookSchema,
  QuerySchema,
} from '../../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { CommandBook } from './command-book.ts'
import { Cover } from './cover.ts'
import { CoverBearer } from './cover-bearer.ts'
import { EventBook } from './event-book.ts'
import { Query } from './query.ts'
import { Wrapped } from './wrapped.ts'

const root = orderRoot('ord-42')
const hex = root.replaceAll('-', '')
const cover = create(CoverSchema, {
  domain: 'order',
  root: { value: toProtoBytes(root) },
  correlationId: 'corr-7',
  edition: { name: 'what-if' },
})

/** Every wrapper of something that carries this cover, or none. */
function bearers(of: typeof cover | undefined): readonly CoverBearer<never>[] {
  const init = of === undefined ? {} : { cover: of }
  // The accessors do not depend on which message is wrapped.
  return [
    new Cover(of ?? create(CoverSchema)),
    new EventBook(create(EventBookSchema, init)),
    new CommandBook(create(CommandBookSchema, init)),
    new Query(create(QuerySchema, init)),
  ] as unknown as readonly CoverBearer<never>[]
}

describe('CoverBearer', () => {
  it('reads the cover of whatever carries one', () => {
    for (const bearer of bearers(cover)) {
      assert.ok(bearer instanceof CoverBearer && bearer instanceof Wrapped)
      assert.equal(bearer.domain(), 'order')
      assert.equal(bearer.routingKey(), 'order')
      assert.equal(bearer.correlationId(), 'corr-7')
      assert.equal(bearer.hasCorrelationId(), true)
      assert.equal(bearer.rootUuid(), root)
      assert.equal(bearer.rootIdHex(), hex)
      assert.equal(bearer.edition(), 'what-if')
      assert.equal(bearer.cacheKey(), `what-if:order:${hex}`)
    }
  })

  it('answers what stands for nothing when there is no cover', () => {
    for (const bearer of bearers(undefined)) {
      assert.equal(bearer.domain(), 'unknown')
      assert.equal(bearer.routingKey(), 'unknown')
      assert.equal(bearer.correlationId(), '')
      assert.equal(bearer.hasCorrelationId(), false)
      assert.equal(bearer.rootUuid(), undefined)
      assert.equal(bearer.rootIdHex(), '')
      assert.equal(bearer.edition(), undefined)
      assert.equal(bearer.cacheKey(), ':unknown:')
    }
  })

  it('has no UUID for a root that is not 16 bytes, but its hexadecimal', () => {
    const short = create(CoverSchema, { root: { value: Uint8Array.of(0xab, 0x01) } })
    for (const bearer of bearers(short)) {
      assert.equal(bearer.rootUuid(), undefined)
      assert.equal(bearer.rootIdHex(), 'ab01')
    }
  })

  it('takes an edition without a name for the main timeline', () => {
    for (const bearer of bearers(create(CoverSchema, { domain: 'order', edition: {} }))) {
      assert.equal(bearer.edition(), undefined)
      assert.equal(bearer.cacheKey(), ':order:')
    }
  })
})

describe('Wrapped', () => {
  it('refers to the message and never copies it', () => {
    const message = create(CoverSchema)
    const wrapped = new Cover(message)
    message.domain = 'cart'
    assert.equal(wrapped.proto(), message)
    assert.equal(wrapped.domain(), 'cart')
  })
})
