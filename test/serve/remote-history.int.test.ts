import { strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
import { isMessage } from '@bufbuild/protobuf'
import {
  addressLink,
  type ComponentLink,
} from '../../src/coordinator/services/remote/component-link.ts'
import { remoteComponent } from '../../src/coordinator/services/remote/remote-component.ts'
import { sessionDesk } from '../../src/coordinator/services/remote/session-desk.ts'
import { dialComponents } from '../../src/host/session/dial-components.ts'
import { ContextualCommandSchema } from '../../src/proto/angzarr_client/proto/angzarr/types_pb.ts'
import { ledgerFolder } from '../coordinator/ledger-folder.ts'
import { openShop } from '../coordinator/open-shop.ts'
import { addItem, createOrder } from '../coordinator/shop-commands.ts'
import { orderAggregate } from '../coordinator/shop.ts'
import { ChangeShippingAddressSchema } from '../fixtures/gen/orders_pb.ts'
import { serve, serveComponents } from '../host/serving.ts'

const PAGES = 4

/** Notes how many pages of history each command was sent with. */
function noting(link: ComponentLink, pages: number[]): ComponentLink {
  return {
    target: link.target,
    call: (method, request, options) => {
      if (isMessage(request, ContextualCommandSchema)) pages.push(request.events?.pages.length ?? 0)
      return link.call(method, request, options)
    },
    close: () => link.close(),
  }
}

describe('the history of an aggregate elsewhere', () => {
  it('is sent from a state on, so that a command costs no more on a long stream', async () => {
    const seen: number[] = []
    const sent: number[] = []
    const order = orderAggregate({ adding: ({ itemCount }) => seen.push(itemCount) })
    await using host = await serveComponents([order])
    await using folder = await ledgerFolder()
    const link = noting(await addressLink(host.endpoint), sent)
    const components = [
      remoteComponent({ kind: 'command_handler', domain: 'order', pagesPerFold: PAGES }, link),
    ]
    {
      await using shop = await openShop(components, { folder })
      await createOrder(shop, 'order-1', 0)
      for (let n = 0; n < 20; n++) await addItem(shop).execute()
    }
    assert.deepEqual(
      seen,
      Array.from({ length: 20 }, (_, n) => n),
    )
    assert.ok(Math.max(...sent) < PAGES, `sent ${sent.join(' ')}`)
    sent.length = 0
    // A snapshot was stored, too: whoever comes next begins there.
    await using shop = await openShop(components, { folder })
    await addItem(shop).execute()
    assert.equal(seen.at(-1), 20)
    assert.ok((sent[0] ?? PAGES) < PAGES, `sent ${sent.join(' ')}`)
    await link.close()
  })

  it('is folded by its bytes, too, so that it always fits a message', async () => {
    await using host = await serveComponents([orderAggregate()])
    const link = await addressLink(host.endpoint)
    await using shop = await openShop([
      remoteComponent({ kind: 'command_handler', domain: 'order' }, link),
    ])
    // More bytes than a message holds, in few pages.
    const address = 'x'.repeat(220_000)
    for (let n = 0; n < 50; n++) {
      const change = shop.client('order').command('order-1')
      await change.withMessage(ChangeShippingAddressSchema, { address }).execute()
    }
    assert.equal((await shop.client('order').query('order-1').getPages()).length, 50)
    await link.close()
  })

  it('is sent whole to an aggregate that does not tell its state', async () => {
    const sent: number[] = []
    await using host = await serveComponents([orderAggregate({ replay: false })])
    const link = noting(await addressLink(host.endpoint), sent)
    const order = { kind: 'command_handler', domain: 'order', pagesPerFold: PAGES } as const
    await using shop = await openShop([remoteComponent(order, link)])
    await createOrder(shop, 'order-1')
    for (let n = 0; n < 10; n++) await addItem(shop).execute()
    assert.equal(sent.at(-1), 10)
    await link.close()
  })
})

describe('a component that is away', () => {
  it('is waited for a while, then its commands are refused as UNAVAILABLE and store nothing', async () => {
    const desk = sessionDesk()
    await using there = await serve(desk.service)
    const link = desk.link('command_handler', 'order')
    const order = { kind: 'command_handler', domain: 'order', waitMs: 30 } as const
    await using shop = await openShop([remoteComponent(order, link)])
    await assert.rejects(createOrder(shop, 'order-1'), {
      code: 'COMPONENT_UNAVAILABLE',
      grpcStatus: 'UNAVAILABLE',
    })
    assert.equal((await shop.client('order').query('order-1').getPages()).length, 0)
    const components = [orderAggregate()]
    const quiet = { logger: () => undefined, backoff: { delayMs: () => 1 } }
    await using dialled = await dialComponents({ ...quiet, endpoint: there.endpoint, components })
    await dialled.connected
    await createOrder(shop, 'order-1')
    desk.close()
  })

  it('is found again when it comes back while it is waited for', async () => {
    const desk = sessionDesk()
    await using there = await serve(desk.service)
    const link = desk.link('command_handler', 'order')
    const order = { kind: 'command_handler', domain: 'order', waitMs: 20_000 } as const
    await using shop = await openShop([remoteComponent(order, link)])
    const waiting = createOrder(shop, 'order-1')
    const components = [orderAggregate()]
    const quiet = { logger: () => undefined, backoff: { delayMs: () => 1 } }
    await using _ = await dialComponents({ ...quiet, endpoint: there.endpoint, components })
    assert.equal((await waiting).events?.pages.length, 1)
    desk.close()
  })
})
