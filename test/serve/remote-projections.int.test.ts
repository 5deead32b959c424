import { strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
import { create, fromBinary } from '@bufbuild/protobuf'
import type { Component } from '../../src/component/definition.ts'
import { addressLink } from '../../src/coordinator/services/remote/component-link.ts'
import { remoteComponent } from '../../src/coordinator/services/remote/remote-component.ts'
import { grpcService } from '../../src/host/grpc-service.ts'
import { ProjectorService } from '../../src/proto/angzarr_client/proto/angzarr/projector_pb.ts'
import {
  EventRequestSchema,
  type Projection,
  SyncMode,
} from '../../src/proto/angzarr_client/proto/angzarr/types_pb.ts'
import { packAny } from '../../src/wire/any.ts'
import { openShop } from '../coordinator/open-shop.ts'
import { createOrder } from '../coordinator/shop-commands.ts'
import { orderAggregate } from '../coordinator/shop.ts'
import { CreateOrderSchema, OrderNoteAddedSchema } from '../fixtures/gen/orders_pb.ts'
import { serve } from '../host/serving.ts'

/** A projector that counts the events of a stream, and answers with the count as a note. */
async function counting(
  isTried = true,
): Promise<AsyncDisposable & { readonly component: Component; readonly calls: readonly string[] }> {
  await using stack = new AsyncDisposableStack()
  const calls: string[] = []
  const service = grpcService(ProjectorService, {
    handle: ({ nextSequence }) => {
      calls.push('Handle')
      return answer(nextSequence)
    },
    handleSpeculative: ({ nextSequence }) => {
      calls.push('HandleSpeculative')
      if (!isTried) throw new Error('cannot be tried')
      return answer(nextSequence)
    },
  })
  const there = stack.use(await serve(service))
  const link = await addressLink(there.endpoint)
  stack.defer(() => link.close())
  const declared = { kind: 'projector', name: 'counting', domains: ['order'] } as const
  const component = remoteComponent(declared, link)
  const kept = stack.move()
  return { component, calls, [Symbol.asyncDispose]: () => kept.disposeAsync() }
}

const answer = (count: number) => ({
  projection: packAny(OrderNoteAddedSchema, create(OrderNoteAddedSchema, { note: `${count}` })),
})

function noteIn({ projection }: Projection): string {
  assert.equal(projection?.typeUrl, 'type.googleapis.com/orders.OrderNoteAdded')
  return fromBinary(OrderNoteAddedSchema, projection.value).note
}

describe('what a projector elsewhere answers with', () => {
  for (const mode of ['SIMPLE', 'CASCADE'] as const) {
    it(`comes back with a command in ${mode}, its type and value with it`, async () => {
      await using projector = await counting()
      await using shop = await openShop([orderAggregate(), projector.component])
      const builder = shop.client('order').command('order-1')
      const { projections } = await builder
        .withMessage(CreateOrderSchema, { orderId: 'order-1' })
        .execute({ syncMode: SyncMode[mode] })
      assert.deepEqual(
        projections.map((one) => [one.projector, one.sequence, noteIn(one)]),
        [['counting', 0, '1']],
      )
      assert.deepEqual(projector.calls, ['Handle'])
    })
  }

  it('can be waited for; it is called for each event once, and tried beside that', async () => {
    await using projector = await counting()
    await using shop = await openShop([orderAggregate(), projector.component])
    await createOrder(shop, 'order-1')
    const events = await shop.client('order').query('order-1').getEventBook()
    const waited = await shop.services.handleSync(create(EventRequestSchema, { events }))
    assert.deepEqual([waited.projector, waited.sequence, noteIn(waited)], ['counting', 0, '1'])
    assert.deepEqual(projector.calls, ['Handle', 'HandleSpeculative'])
  })

  it('is left out when the projector cannot be asked what it is', async () => {
    await using projector = await counting(false)
    await using shop = await openShop([orderAggregate(), projector.component])
    await createOrder(shop, 'order-1')
    const events = await shop.client('order').query('order-1').getEventBook()
    const waited = await shop.services.handleSync(create(EventRequestSchema, { events }))
    assert.deepEqual(
      [waited.projector, waited.sequence, waited.projection],
      ['counting', 0, undefined],
    )
  })
})
