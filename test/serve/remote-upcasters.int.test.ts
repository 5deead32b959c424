import { strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
import { create, isMessage } from '@bufbuild/protobuf'
import type { Component } from '../../src/component/definition.ts'
import { defineProjector } from '../../src/component/define-projector.ts'
import { defineSaga } from '../../src/component/define-saga.ts'
import { defineUpcaster } from '../../src/component/define-upcaster.ts'
import {
  addressLink,
  type CallerOptions,
  type ComponentLink,
} from '../../src/coordinator/services/remote/component-link.ts'
import { remoteComponent } from '../../src/coordinator/services/remote/remote-component.ts'
import { sessionDesk } from '../../src/coordinator/services/remote/session-desk.ts'
import { grpcStatusOf } from '../../src/errors/client-error.ts'
import { grpcService } from '../../src/host/grpc-service.ts'
import { dialComponents } from '../../src/host/session/dial-components.ts'
import { limits } from '../../src/limits.ts'
import type { EventPage } from '../../src/proto/angzarr_client/proto/angzarr/types_pb.ts'
import {
  UpcasterService,
  UpcastRequestSchema,
} from '../../src/proto/angzarr_client/proto/angzarr/upcaster_pb.ts'
import { ledgerFolder } from '../coordinator/ledger-folder.ts'
import { openShop, type Shop } from '../coordinator/open-shop.ts'
import { inCents, modern, oldLedger, set } from '../coordinator/prices.ts'
import { typesOf } from '../coordinator/stored-events.ts'
import { until } from '../coordinator/until.ts'
import * as versions from '../fixtures/gen/versions_pb.ts'
import { serve, serveComponents } from '../host/serving.ts'
import { PLACES, reach } from './reached-components.ts'

const declared = { kind: 'upcaster', name: 'in-cents', domain: 'price' } as const
const quiet = { logger: () => undefined, backoff: { delayMs: () => 1 } }

async function centsOf(shop: Shop): Promise<readonly number[]> {
  const events = await shop.client('price').query('p-1').events(versions.PriceSetV2Schema)
  return events.map(({ message }) => message.priceCents)
}

/** Notes how many pages each call was sent with. */
function noting(link: ComponentLink, pages: number[]): ComponentLink {
  return {
    target: link.target,
    call: (method, request, options) => {
      if (isMessage(request, UpcastRequestSchema)) pages.push(request.events.length)
      return link.call(method, request, options)
    },
    close: () => link.close(),
  }
}

/** An upcaster that answers its calls with what a function makes of their pages. */
async function answering(
  answer: (pages: readonly EventPage[]) => readonly EventPage[] | Promise<readonly EventPage[]>,
  options: CallerOptions = {},
): Promise<AsyncDisposable & { readonly component: Component }> {
  await using stack = new AsyncDisposableStack()
  const service = grpcService(UpcasterService, {
    upcast: async ({ events }) => ({ events: [...(await answer(events))] }),
  })
  const there = stack.use(await serve(service))
  const link = await addressLink(there.endpoint)
  stack.defer(() => link.close())
  const component = remoteComponent({ ...declared, ...options }, link)
  const kept = stack.move()
  return { component, [Symbol.asyncDispose]: () => kept.disposeAsync() }
}

for (const place of PLACES) {
  describe(`an upcaster [${place}]`, () => {
    it('takes its turn in the order in which upcasters were registered', async () => {
      await using folder = await ledgerFolder()
      await oldLedger(folder)
      const withCurrency = defineUpcaster({ name: 'with-currency', domain: 'price' }).upcasts(
        versions.PriceSetV2Schema,
        versions.PriceSetV3Schema,
        ({ priceCents }) =>
          create(versions.PriceSetV3Schema, { priceCents: priceCents + 1, currency: 'EUR' }),
      )
      const asText = defineUpcaster({ name: 'as-text', domain: 'price' }).upcasts(
        versions.PriceSetV3Schema,
        versions.PriceSetV4Schema,
        ({ priceCents, currency }) =>
          create(versions.PriceSetV4Schema, { price: `${priceCents} ${currency}` }),
      )
      await using reached = await reach(place, [withCurrency])
      const [middle] = reached.components
      assert.ok(middle)
      await using shop = await openShop([modern(), inCents(), middle, asText], { folder })
      const events = await shop.client('price').query('p-1').events(versions.PriceSetV4Schema)
      assert.deepEqual(
        events.map(({ message }) => message.price),
        ['301 EUR', '401 EUR'],
      )
    })

    it('renews what sagas and projectors with declared types get', async () => {
      await using folder = await ledgerFolder()
      await oldLedger(folder)
      const seen: string[] = []
      const sees = (who: string) => (event: versions.PriceSetV2) =>
        void seen.push(`${who} ${event.priceCents}`)
      const list = defineProjector({ name: 'list', domains: ['price'] }).handles(
        versions.PriceSetV2Schema,
        sees('list'),
      )
      const follow = defineSaga({ name: 'follow', source: 'price', target: 'price' }).handles(
        versions.PriceSetV2Schema,
        sees('follow'),
      )
      const types = [versions.PriceSetV2Schema.typeName]
      await using upcasters = await reach(place, [inCents()])
      await using followers = await reach(place, [list, follow], { types })
      const components = [modern(), ...upcasters.components, ...followers.components]
      const settings = { list: { from: 'beginning' }, follow: { from: 'beginning' } } as const
      await using shop = await openShop(components, { folder, settings })
      await shop.settled()
      assert.deepEqual(seen.toSorted(), ['follow 300', 'follow 400', 'list 300', 'list 400'])
      assert.deepEqual(await shop.deadLetters.list(), [])
    })
  })
}

describe('an upcaster elsewhere', () => {
  it('is asked for many pages at once', async () => {
    const sent: number[] = []
    await using folder = await ledgerFolder()
    const count = limits.upcastPagesPerCall + 10
    await oldLedger(
      folder,
      Array.from({ length: count }, (_, n) => n),
    )
    await using host = await serveComponents([inCents()])
    const link = noting(await addressLink(host.endpoint), sent)
    await using shop = await openShop([modern(), remoteComponent(declared, link)], { folder })
    const cents = await centsOf(shop)
    assert.deepEqual(
      cents,
      Array.from({ length: count }, (_, n) => n * 100),
    )
    assert.deepEqual(sent, [limits.upcastPagesPerCall, 10])
    sent.length = 0
    await set(shop, 1)
    assert.equal(
      sent.reduce((sum, pages) => sum + pages, 0),
      count,
    )
    assert.ok(sent.length <= 3, `${sent.length} calls`)
    await link.close()
  })

  it('is asked for the types that it renews, and for no others', async () => {
    const sent: number[] = []
    await using folder = await ledgerFolder()
    await oldLedger(folder)
    await using host = await serveComponents([inCents()])
    const link = noting(await addressLink(host.endpoint), sent)
    const types = [versions.PriceSetV1Schema.typeName]
    const upcaster = remoteComponent({ ...declared, types }, link)
    await using shop = await openShop([modern(), upcaster], { folder })
    await set(shop, 1)
    assert.deepEqual(await centsOf(shop), [300, 400, 701])
    assert.deepEqual(sent, [2, 2])
    await link.close()
  })

  const wrong: Readonly<Record<string, (pages: readonly EventPage[]) => readonly EventPage[]>> = {
    'fewer pages': (pages) => pages.slice(1),
    'more pages': (pages) => [...pages, ...pages],
    'pages in another order': (pages) => pages.toReversed(),
    'pages without a place': (pages) => pages.map(({ payload }) => ({ payload }) as EventPage),
    'pages without events': (pages) =>
      pages.map(({ header }) => ({ header, payload: { case: undefined } }) as EventPage),
  }
  for (const [what, answer] of Object.entries(wrong)) {
    it(`that answers with ${what} has failed, and nothing is read or stored`, async () => {
      await using folder = await ledgerFolder()
      await oldLedger(folder)
      await using upcaster = await answering(answer)
      await using shop = await openShop([modern(), upcaster.component], { folder })
      await assert.rejects(centsOf(shop), { code: 'UPCASTER_FAILED', grpcStatus: 'INTERNAL' })
      await assert.rejects(set(shop, 1), { code: 'UPCASTER_FAILED' })
      assert.equal((await typesOf(shop.ledger, 'price', 'p-1')).length, 2)
    })
  }

  it('that does not answer is given up at its deadline, and the command with it', async () => {
    await using folder = await ledgerFolder()
    await oldLedger(folder)
    const never = new Promise<never>(() => undefined)
    await using upcaster = await answering(() => never, { timeoutMs: 30 })
    await using shop = await openShop([modern(), upcaster.component], { folder })
    const isLate = (error: unknown): boolean => grpcStatusOf(error) === 'DEADLINE_EXCEEDED'
    await assert.rejects(set(shop, 1), isLate)
    await assert.rejects(centsOf(shop), isLate)
    assert.equal((await typesOf(shop.ledger, 'price', 'p-1')).length, 2)
  })
})

describe('an upcaster that is away', () => {
  it('is waited for a while, then commands and queries are refused as UNAVAILABLE', async () => {
    await using folder = await ledgerFolder()
    await oldLedger(folder)
    const desk = sessionDesk()
    await using there = await serve(desk.service)
    const link = desk.link('upcaster', 'in-cents')
    const upcaster = remoteComponent({ ...declared, waitMs: 30 }, link)
    await using shop = await openShop([modern(), upcaster], { folder })
    const away = { code: 'COMPONENT_UNAVAILABLE', grpcStatus: 'UNAVAILABLE' }
    await assert.rejects(set(shop, 1), away)
    await assert.rejects(centsOf(shop), away)
    assert.equal((await typesOf(shop.ledger, 'price', 'p-1')).length, 2)
    const components = [inCents()]
    await using dialled = await dialComponents({ ...quiet, endpoint: there.endpoint, components })
    await dialled.connected
    await set(shop, 1)
    assert.deepEqual(await centsOf(shop), [300, 400, 701])
    desk.close()
  })

  it('keeps those who follow waiting, and none of them gets an event as it was stored', async () => {
    await using folder = await ledgerFolder()
    await oldLedger(folder)
    const desk = sessionDesk()
    await using there = await serve(desk.service)
    const link = desk.link('upcaster', 'in-cents')
    const upcaster = remoteComponent({ ...declared, waitMs: 1 }, link)
    const seen: string[] = []
    const list = defineProjector({ name: 'list', domains: ['price'] })
      .handles(versions.PriceSetV1Schema, ({ price }) => void seen.push(`old ${price}`))
      .handles(versions.PriceSetV2Schema, ({ priceCents }) => void seen.push(`new ${priceCents}`))
    let retried = 0
    const settings = { list: { from: 'beginning', attempts: 10_000 } } as const
    await using shop = await openShop([modern(), upcaster, list], {
      folder,
      settings,
      log: (_level, event) => void (event === 'projection_retried' && retried++),
    })
    await until(() => retried >= 2)
    assert.deepEqual(seen, [])
    const components = [inCents()]
    await using _ = await dialComponents({ ...quiet, endpoint: there.endpoint, components })
    await shop.settled()
    assert.deepEqual(seen, ['new 300', 'new 400'])
    assert.deepEqual(await shop.deadLetters.list(), [])
    desk.close()
  })

  it('leaves an event on the desk when the attempts are over; a replay goes on there', async () => {
    await using folder = await ledgerFolder()
    await oldLedger(folder)
    const desk = sessionDesk()
    await using there = await serve(desk.service)
    const link = desk.link('upcaster', 'in-cents')
    const upcaster = remoteComponent({ ...declared, waitMs: 1 }, link)
    const seen: number[] = []
    const list = defineProjector({ name: 'list', domains: ['price'] }).handles(
      versions.PriceSetV2Schema,
      ({ priceCents }) => void seen.push(priceCents),
    )
    const settings = { list: { from: 'beginning', attempts: 2 } } as const
    await using shop = await openShop([modern(), upcaster, list], { folder, settings })
    await shop.settled()
    const [letter] = await shop.deadLetters.list()
    assert.equal(letter?.code, 'COMPONENT_UNAVAILABLE')
    const components = [inCents()]
    await using dialled = await dialComponents({ ...quiet, endpoint: there.endpoint, components })
    await dialled.connected
    await shop.deadLetters.replay(letter.id)
    await shop.settled()
    assert.deepEqual(seen, [300, 400])
    desk.close()
  })
})
