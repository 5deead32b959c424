import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { create } from '@bufbuild/protobuf'
import type { BusMessage } from '../../src/bus/bus.ts'
import { openMemoryBus } from '../../src/bus/memory/open-memory-bus.ts'
import { defineProjector, type ProjectorFunctions } from '../../src/component/define-projector.ts'
import { readDefinition } from '../../src/component/definition-of.ts'
import { busCloudEvents } from '../../src/coordinator/cloud-events/bus-cloud-events.ts'
import type {
  CloudEventSink,
  OutgoingCloudEvent,
} from '../../src/coordinator/cloud-events/cloud-event-sink.ts'
import { httpCloudEvents } from '../../src/coordinator/cloud-events/http-cloud-events.ts'
import { addressLink } from '../../src/coordinator/services/remote/component-link.ts'
import { remoteComponent } from '../../src/coordinator/services/remote/remote-component.ts'
import { startComponentHost } from '../../src/host/component-host.ts'
import { CloudEventsResponseSchema } from '../../src/proto/angzarr_client/proto/angzarr/cloudevents_pb.ts'
import type { CloudEventsResponse } from '../../src/proto/angzarr_client/proto/angzarr/cloudevents_pb.ts'
import { rootFor } from '../../src/identity/compute-root.ts'
import { packAny } from '../../src/wire/any.ts'
import { codedError } from '../../src/errors.ts'
import * as orders from '../fixtures/gen/orders_pb.ts'
import { declarationOf } from '../serve/reached-components.ts'
import { openFaultyShop } from './faulty-shop.ts'
import { ledgerFolder } from './ledger-folder.ts'
import { openShop } from './open-shop.ts'
import { receive } from './posted-events.ts'
import { refusalOf } from './refusals.ts'
import { addNote, createOrder } from './shop-commands.ts'
import { orderAggregate } from './shop.ts'
import { until } from './until.ts'

type Attributes = NonNullable<Parameters<typeof cloudEvents>[0][number]>

function cloudEvents(
  events: readonly {
    readonly type?: string
    readonly id?: string
    readonly source?: string
    readonly subject?: string
    readonly note?: string
    readonly extensions?: Readonly<Record<string, string>>
  }[],
): CloudEventsResponse {
  return create(CloudEventsResponseSchema, {
    events: events.map(({ note, extensions = {}, ...rest }) => ({
      ...rest,
      extensions: { ...extensions },
      ...(note === undefined
        ? {}
        : {
            data: packAny(
              orders.OrderNoteAddedSchema,
              create(orders.OrderNoteAddedSchema, { note }),
            ),
          }),
    })),
  })
}

/** Makes CloudEvents of notes. */
function publisher(
  of: (note: string) => readonly Attributes[] = (note) => [{ type: 'shop.note', note }],
): ProjectorFunctions<never> | ReturnType<ProjectorFunctions['handles']> {
  return defineProjector({ name: 'publisher', domains: ['order'] }).handles(
    orders.OrderNoteAddedSchema,
    ({ note }) => cloudEvents(of(note)),
  )
}

/** A sink that keeps what it gets, and fails when it is told so. */
class Kept implements CloudEventSink {
  readonly events: OutgoingCloudEvent[] = []
  broken: ((event: OutgoingCloudEvent) => Error | undefined) | undefined

  async send(events: readonly OutgoingCloudEvent[]): Promise<void> {
    for (const event of events) {
      const error = this.broken?.(event)
      if (error !== undefined) throw error
    }
    this.events.push(...events)
  }

  get notes(): string[] {
    return this.events.map(noteOf)
  }
}

function noteOf({ data }: OutgoingCloudEvent): string {
  if (typeof data === 'object' && data !== null && 'note' in data) return String(data.note)
  return ''
}

describe('the CloudEvents of a projector', () => {
  test('have what it left out filled in from their trigger', async () => {
    const kept = new Kept()
    const made = publisher((note) => [
      { note },
      { type: 'shop.second', note },
      { type: 't', id: 'my-id', source: 'me', subject: 'it', extensions: { Tenant: 'a-1' } },
    ])
    await using shop = await openShop([orderAggregate(), made], { cloudEvents: kept })
    await createOrder(shop, 'order-1')
    await addNote(shop, 'ring twice').withCorrelationId('flow-1').execute()
    await shop.settled()
    const root = rootFor('order', 'order-1').replaceAll('-', '')
    const [first, second, third] = kept.events
    assert.equal(first?.time?.slice(0, 2), '20')
    const { time } = first ?? {}
    assert.deepEqual(first, {
      specversion: '1.0',
      id: `order:${root}:1`,
      source: 'angzarr/order',
      type: orders.OrderNoteAddedSchema.typeName,
      subject: root,
      time,
      datacontenttype: 'application/json',
      data: { note: 'ring twice' },
      correlationid: 'flow-1',
    })
    assert.deepEqual([second?.id, second?.type], [`order:${root}:1:1`, 'shop.second'])
    assert.deepEqual(third, {
      specversion: '1.0',
      id: 'my-id',
      source: 'me',
      type: 't',
      subject: 'it',
      time,
      correlationid: 'flow-1',
      tenant: 'a-1',
    })
  })

  test('without a sink halt it, visibly, and go out once there is one [weakness-24]', async () => {
    await using folder = await ledgerFolder()
    {
      await using shop = await openShop([orderAggregate(), publisher()], { folder })
      await addNote(shop, 'a').execute()
      await until(() => shop.status()[0]?.state === 'halted')
      assert.deepEqual(await shop.deadLetters.list(), [])
    }
    const kept = new Kept()
    await using shop = await openShop([orderAggregate(), publisher()], {
      folder,
      settings: { publisher: { cloudEvents: kept } },
    })
    await shop.settled()
    assert.deepEqual(kept.notes, ['a'])
  })

  test('that are none at all need no sink', async () => {
    await using shop = await openShop([orderAggregate(), publisher(() => [])])
    await addNote(shop, 'a').execute()
    await shop.settled()
    assert.equal(shop.status()[0]?.state, 'running')
  })

  test('of an invalid name are a dead letter, and nothing of their trigger is sent', async () => {
    const kept = new Kept()
    const made = publisher((note) => [{ note }, { extensions: { [note]: 'x' } }])
    for (const name of ['id', 'with-dash', '']) {
      await using shop = await openShop([orderAggregate(), made], { cloudEvents: kept })
      await addNote(shop, name).execute()
      await shop.settled()
      const [letter] = await shop.deadLetters.list()
      assert.equal(letter?.code, 'CLOUD_EVENT_INVALID')
    }
    assert.deepEqual(kept.events, [])
  })
})

describe('a sink', () => {
  test('that fails holds back its aggregate only, and is tried again in order', async () => {
    const kept = new Kept()
    let failures = 3
    kept.broken = (event) =>
      noteOf(event) === 'a' && failures-- > 0 ? new Error('not now') : undefined
    await using shop = await openShop([orderAggregate(), publisher()], { cloudEvents: kept })
    await addNote(shop, 'a').execute()
    await addNote(shop, 'b').execute()
    await addNote(shop, 'other', 'order-2').execute()
    await shop.settled()
    assert.deepEqual(kept.notes, ['other', 'a', 'b'])
    assert.equal(failures, -1)
  })

  test('that refuses parks the aggregate behind a dead letter, and replay sends all of it [weakness-34]', async () => {
    const kept = new Kept()
    kept.broken = (event) =>
      noteOf(event) === 'a' ? codedError('CLOUD_EVENTS_REFUSED') : undefined
    await using shop = await openShop([orderAggregate(), publisher()], { cloudEvents: kept })
    await addNote(shop, 'a').execute()
    await addNote(shop, 'b').execute()
    await addNote(shop, 'other', 'order-2').execute()
    await shop.settled()
    assert.deepEqual(kept.notes, ['other'])
    const [letter] = await shop.deadLetters.list()
    assert.deepEqual([letter?.component, letter?.code], ['publisher', 'CLOUD_EVENTS_REFUSED'])
    kept.broken = undefined
    await shop.deadLetters.replay(letter?.id ?? '')
    assert.deepEqual(kept.notes, ['other', 'a', 'b'])
  })

  test('gets everything at least once, in order, whichever commit fails or is not heard of', async () => {
    const notes = ['a', 'b', 'c']
    const commits = await commitsFor(notes)
    for (const kind of ['before', 'done-but-reported-failed'] as const) {
      for (let nth = 1; nth <= commits; nth++) {
        await using folder = await ledgerFolder()
        const kept = new Kept()
        const components = [orderAggregate(), publisher()]
        try {
          await using shop = await openFaultyShop(components, {
            folder,
            cloudEvents: kept,
            failing: { nth, kind },
          })
          for (const note of notes)
            await addNote(shop, note)
              .execute()
              .catch(() => undefined)
        } catch {
          // The fault was in a commit of the start.
        }
        await using shop = await openShop(components, { folder, cloudEvents: kept })
        await shop.settled()
        const stored = await shop
          .client('order')
          .query('order-1')
          .events(orders.OrderNoteAddedSchema)
        const firsts = kept.events.filter(
          ({ id }, at) => kept.events.findIndex((event) => event.id === id) === at,
        )
        const expected = stored.map(({ message }) => message.note)
        assert.deepEqual(firsts.map(noteOf), expected, `commit ${nth}, ${kind}`)
      }
    }
  })

  test('has its events again when the projection is rebuilt, under the same ids', async () => {
    const kept = new Kept()
    await using shop = await openShop([orderAggregate(), publisher()], { cloudEvents: kept })
    await addNote(shop, 'a').execute()
    await shop.settled()
    await shop.rebuild('publisher')
    assert.equal(kept.events.length, 2)
    assert.deepEqual(kept.events[0], kept.events[1])
  })

  test('also gets what a projector elsewhere answers', async () => {
    await using folder = await ledgerFolder()
    const definition = readDefinition(publisher())
    const path = join(folder.path, '..', 'publisher.sock')
    const quiet = { logger: () => undefined, environment: {} }
    const host = await startComponentHost({
      ...quiet,
      address: `unix:${path}`,
      components: [definition],
    })
    await using stack = new AsyncDisposableStack()
    stack.defer(() => host.stop())
    const link = await addressLink(`unix:${path}`)
    stack.defer(() => link.close())
    const kept = new Kept()
    const away = remoteComponent(declarationOf(definition), link)
    await using shop = await openShop([orderAggregate(), away], { cloudEvents: kept })
    await addNote(shop, 'a').execute()
    await shop.settled()
    assert.deepEqual(kept.notes, ['a'])
  })
})

describe('a sink over HTTP', () => {
  test('posts the events of a trigger as a batch, or each on its own', async () => {
    const made = publisher((note) => [
      { type: 'one', note },
      { type: 'two', note },
    ])
    for (const [mode, bodies] of [
      ['batch', [['one', 'two']]],
      ['single', ['one', 'two']],
    ] as const) {
      await using receiver = await receive()
      const sink = httpCloudEvents({ url: receiver.url, mode, headers: { authorization: 'key' } })
      await using shop = await openShop([orderAggregate(), made], { cloudEvents: sink })
      await addNote(shop, 'a').execute()
      await shop.settled()
      assert.deepEqual(
        receiver.posts.map(({ body }) => typesIn(body)),
        bodies,
      )
      const [post] = receiver.posts
      const type = `application/cloudevents${mode === 'batch' ? '-batch' : ''}+json`
      assert.equal(post?.headers['content-type'], type)
      assert.equal(post.headers.authorization, 'key')
    }
  })

  test('is tried again after 429, 5xx and a lost connection, and not after a refusal', async () => {
    await using receiver = await receive([503, 429, 'drop', 204])
    const sink = httpCloudEvents({ url: receiver.url })
    await using shop = await openShop([orderAggregate(), publisher()], { cloudEvents: sink })
    await addNote(shop, 'a').execute()
    await shop.settled()
    assert.equal(receiver.posts.length, 4)
    assert.deepEqual(await shop.deadLetters.list(), [])
    receiver.answers.push(400)
    await addNote(shop, 'b').execute()
    await shop.settled()
    assert.equal(receiver.posts.length, 5)
    const [letter] = await shop.deadLetters.list()
    assert.equal(letter?.code, 'CLOUD_EVENTS_REFUSED')
  })

  test('that does not answer in time is tried again', async () => {
    await using receiver = await receive(['silence', 200])
    const sink = httpCloudEvents({ url: receiver.url, timeoutMs: 50 })
    await using shop = await openShop([orderAggregate(), publisher()], { cloudEvents: sink })
    await addNote(shop, 'a').execute()
    await shop.settled()
    assert.equal(receiver.posts.length, 2)
  })

  test('has settings that are checked', async () => {
    for (const options of [
      { url: 'ftp://x' },
      { url: 'x' },
      { url: 'http://x', timeoutMs: 0 },
      { url: 'http://x', batchSize: 1.5 },
    ]) {
      const { code } = await refusalOf(() => httpCloudEvents(options))
      assert.equal(code, 'CONFIGURATION_INVALID')
    }
  })
})

describe('a sink on a bus', () => {
  test('sends each event under its id, keyed by its subject', async () => {
    await using bus = openMemoryBus()
    const got: BusMessage[] = []
    await bus.consume('notes', ({ message }) => void got.push(message))
    const sink = busCloudEvents({ bus, topic: 'notes' })
    await using shop = await openShop([orderAggregate(), publisher()], { cloudEvents: sink })
    await addNote(shop, 'a').execute()
    await addNote(shop, 'b').execute()
    await shop.settled()
    await until(() => got.length === 2)
    const root = rootFor('order', 'order-1').replaceAll('-', '')
    assert.deepEqual(
      got.map(({ id, key }) => [id, key]),
      [
        [`order:${root}:0`, root],
        [`order:${root}:1`, root],
      ],
    )
    assert.equal(got[0]?.headers['content-type'], 'application/cloudevents+json')
    const event: unknown = JSON.parse(new TextDecoder().decode(got[0]?.content))
    assert.deepEqual(typesIn(event), 'shop.note')
  })
})

async function commitsFor(notes: readonly string[]): Promise<number> {
  const cloudEventsSink = new Kept()
  const components = [orderAggregate(), publisher()]
  await using shop = await openFaultyShop(components, { cloudEvents: cloudEventsSink })
  for (const note of notes) await addNote(shop, note).execute()
  await shop.settled()
  return shop.faulty.commits
}

function typesIn(body: unknown): unknown {
  if (Array.isArray(body)) return body.map(typesIn)
  return typeof body === 'object' && body !== null && 'type' in body ? body.type : undefined
}
