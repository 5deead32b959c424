/** What a coordinator counts, traces and logs, under the names of the contract. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { CommandBuilder } from '../../src/client/command-builder.ts'
import { type Clock, NANOSECONDS_PER_MS, systemClock } from '../../src/clock.ts'
import type { Component } from '../../src/component/definition.ts'
import { defineSaga } from '../../src/component/define-saga.ts'
import { command } from '../../src/component/outgoing-books.ts'
import { codeOf } from '../../src/errors.ts'
import { CommandRejectedError } from '../../src/errors/client-error.ts'
import { SyncMode } from '../../src/proto/angzarr_client/proto/angzarr/types_pb.ts'
import {
  recordTelemetry,
  type RecordedSpan,
  type RecordedTelemetry,
} from '../../src/telemetry/recorded-telemetry.ts'
import * as counters from '../fixtures/gen/counter_pb.ts'
import * as orders from '../fixtures/gen/orders_pb.ts'
import { behindGrpc } from './behind-grpc.ts'
import { NAME, orderOf, Watched, watcher } from './failing-components.ts'
import { ledgerFolder } from './ledger-folder.ts'
import { openShop, type Shop, type ShopOptions } from './open-shop.ts'
import { addItem, orderCommand } from './shop-commands.ts'
import {
  compensatingOrder,
  orderAggregate,
  orderSummary,
  refusingStock,
  reserveStock,
} from './shop.ts'
import { counter } from './small-aggregates.ts'

type Watching = { readonly shop: Shop; readonly telemetry: RecordedTelemetry }

async function watchedShop(
  components: readonly Component[],
  options: ShopOptions = {},
): Promise<Watching & AsyncDisposable> {
  const telemetry = recordTelemetry()
  const shop = await openShop(components, { telemetry, ...options })
  return { shop, telemetry, [Symbol.asyncDispose]: () => shop[Symbol.asyncDispose]() }
}

/** The value of the one line of the text that begins so. */
function shown({ shop }: Watching, series: string): number | undefined {
  const lines = shop.metrics.text().split('\n')
  const found = lines.filter((line) => line.startsWith(`${series} `))
  assert.ok(found.length <= 1, series)
  return found[0] === undefined ? undefined : Number(found[0].slice(series.length + 1))
}

/** Every line of the text that holds a value above 0 of a metric that counts. */
function counted({ shop }: Watching): readonly string[] {
  return shop.metrics
    .text()
    .split('\n')
    .filter((line) => /_(total|count)(\{.*\})? [1-9]/.test(line))
}

function creating(shop: Pick<Shop, 'client'>): CommandBuilder {
  return orderCommand(shop, 'order-1').withMessage(orders.CreateOrderSchema, { orderId: 'order-1' })
}

const addToCounter = defineSaga({ name: 'adds', source: 'order', target: 'counter' }).handles(
  orders.OrderCreatedSchema,
  () => command('counter', 'c-1', counters.AddSchema, { n: 1 }),
)

describe('metrics', () => {
  test('count commands by domain, type and outcome, and time them by domain', async () => {
    await using watching = await watchedShop([orderAggregate()])
    const { shop } = watching
    await creating(shop).execute()
    const key = 'once'
    await addItem(shop).withSequence(1).withIdempotencyKey(key).execute()
    await addItem(shop).withSequence(1).withIdempotencyKey(key).execute()
    const none = creating(shop)
    await assert.rejects(none.withSequence(7).withMergeStrategy(1).execute())
    const series = (type: string, outcome: string): string =>
      `angzarr_command_total{domain="order",type="${type}",outcome="${outcome}"}`
    const { typeName: created } = orders.CreateOrderSchema
    const { typeName: added } = orders.AddItemSchema
    assert.equal(shown(watching, series(created, 'accepted')), 1)
    assert.equal(shown(watching, series(added, 'accepted')), 1)
    assert.equal(shown(watching, series(added, 'duplicate')), 1)
    assert.equal(shown(watching, series(created, 'rejected')), 1)
    const seconds = 'angzarr_command_duration_seconds_count'
    assert.equal(shown(watching, `${seconds}{domain="order",outcome="accepted"}`), 2)
    assert.equal(shown(watching, 'amends_state_cache_total{domain="order",outcome="miss"}'), 1)
  })

  test('count what is stored: events, commits, checkpoints', async () => {
    await using watching = await watchedShop([orderAggregate(), orderSummary])
    const { shop } = watching
    await creating(shop).execute()
    await shop.settled()
    assert.equal(shown(watching, 'angzarr_storage_events_stored_total{domain="order"}'), 1)
    const commits = shown(watching, 'amends_ledger_commit_total{outcome="committed"}') ?? 0
    assert.ok(commits >= 2, `${commits}`)
    const writes = shown(watching, 'amends_ledger_group_size_sum') ?? 0
    assert.ok(writes >= commits - 1, `${writes} of ${commits}`)
    assert.ok(
      (shown(watching, 'angzarr_storage_positions_updated_total{handler="order-summary"}') ?? 0) >=
        1,
    )
    const stored = 'angzarr_storage_duration_seconds_count'
    const labels = '{operation="event_add",storage_type="ledger"}'
    assert.equal(shown(watching, `${stored}${labels}`), 1)
  })

  test('count nothing of a refused request but the refusal, by its code', async () => {
    await using watching = await watchedShop([orderAggregate()])
    const { shop } = watching
    const before = counted(watching)
    const bad = creating(shop).withCorrelationId('x'.repeat(5_000))
    const code = codeOf(await bad.execute().catch((error: unknown) => error))
    assert.notEqual(code, '')
    const refused = `amends_request_refused_total{operation="command",code="${code}"} 1`
    const after = counted(watching).filter((line) => !before.includes(line))
    assert.deepEqual(after, [refused])
  })

  test('time reactions and projections by name and outcome, and count retries', async () => {
    const watched = new Watched()
    watched.broken.add('o-1')
    await using watching = await watchedShop([
      orderAggregate(),
      watcher('saga', watched.see),
      orderSummary,
    ])
    const { shop } = watching
    await orderOf(shop, 'o-1')
    await shop.settled()
    const sagas = `angzarr_saga_duration_seconds_count{name="${NAME}",outcome="failed"}`
    const attempts = shown(watching, sagas) ?? 0
    assert.equal(attempts, watched.asked.length)
    assert.ok(attempts > 1)
    assert.equal(shown(watching, `angzarr_saga_retry_total{name="${NAME}"}`), attempts - 1)
    const projected = '{name="order-summary",outcome="completed"}'
    assert.equal(shown(watching, `angzarr_projector_duration_seconds_count${projected}`), 1)
  })

  test('count dead letters by reason, and show the parked key and its age', async () => {
    const watched = new Watched()
    watched.broken.add('o-1')
    await using watching = await watchedShop([orderAggregate(), watcher('saga', watched.see)])
    const { shop } = watching
    await orderOf(shop, 'o-1')
    await shop.settled()
    const letters = 'domain="order",reason_type="event_processing_failed",backend="ledger"'
    assert.equal(shown(watching, `angzarr_dlq_publish_total{${letters}}`), 1)
    assert.equal(shown(watching, `amends_component_parked{component="${NAME}"}`), 1)
    assert.equal(shown(watching, `amends_component_lag{component="${NAME}"}`), 0)
    assert.equal(shown(watching, `amends_component_running{component="${NAME}"}`), 1)
  })

  test('show the age of the oldest open event, and the lag, while a handler is at work', async () => {
    const held = Promise.withResolvers<void>()
    const begun = Promise.withResolvers<void>()
    const see = async (): Promise<void> => {
      begun.resolve()
      await held.promise
    }
    let later = 0n
    const machine = systemClock()
    const clock: Clock = { ...machine, wall: () => machine.wall() + later }
    const components = [orderAggregate(), watcher('saga', see)]
    await using watching = await watchedShop(components, { clock })
    const { shop } = watching
    const age = `amends_component_oldest_age_seconds{component="${NAME}"}`
    assert.equal(shown(watching, age), 0)
    await orderOf(shop, 'o-1')
    await begun.promise
    assert.equal(shown(watching, `amends_component_lag{component="${NAME}"}`), 1)
    later = 90_000n * NANOSECONDS_PER_MS
    const oldest = shown(watching, age) ?? 0
    assert.ok(oldest >= 90 && oldest < 180, `${oldest}`)
    held.resolve()
    await shop.settled()
    assert.equal(shown(watching, age), 0)
  })

  test('count deliveries and the rejections whose source was told', async () => {
    const refusal = CommandRejectedError.preconditionFailed('SOLD_OUT', 'sold out')
    await using watching = await watchedShop([
      compensatingOrder(),
      refusingStock(refusal),
      reserveStock,
    ])
    const { shop } = watching
    await creating(shop).execute()
    await shop.settled()
    assert.equal(shown(watching, `angzarr_saga_compensation_total{name="order-fulfillment"}`), 1)
    const told = `component="order-fulfillment",kind="rejection-to-source",outcome="settled"`
    assert.equal(shown(watching, `amends_delivery_duration_seconds_count{${told}}`), 1)
  })

  test('show cascades that are pending, also to the next process, and count how they end', async () => {
    await using folder = await ledgerFolder()
    {
      await using watching = await watchedShop([counter], { folder })
      const client = watching.shop.client('counter', { cascadeId: 'c-7' })
      await client.command('c-1').withMessage(counters.AddSchema, { n: 1 }).execute()
      assert.equal(shown(watching, 'amends_cascades_pending'), 1)
    }
    await using watching = await watchedShop([counter], { folder })
    assert.equal(shown(watching, 'amends_cascades_pending'), 1)
    await watching.shop.cascades.commit('c-7')
    assert.equal(shown(watching, 'amends_cascades_pending'), 0)
    assert.equal(shown(watching, 'amends_cascade_total{outcome="committed"}'), 1)
  })

  test('time queries and waits of sync modes, and show open streams', async () => {
    await using watching = await watchedShop([orderAggregate(), orderSummary])
    const { shop } = watching
    await creating(shop).withCorrelationId('w-1').withSyncMode(SyncMode.SIMPLE).execute()
    await shop.client('order').query('order-1').getEventBook()
    const waits = 'amends_sync_wait_duration_seconds_count{mode="SIMPLE",outcome="completed"}'
    assert.equal(shown(watching, waits), 1)
    const queries = '{operation="GetEventBook",outcome="completed"}'
    assert.equal(shown(watching, `amends_query_duration_seconds_count${queries}`), 1)
    const stream = shop.services.subscribe({ correlationId: 'w-1' } as never, { after: 0 })
    for await (const { position } of stream) {
      assert.ok(position > 0)
      assert.equal(shown(watching, 'amends_streams_open'), 1)
      break
    }
    assert.equal(shown(watching, 'amends_streams_open'), 0)
    assert.equal(shown(watching, 'amends_stream_events_total{operation="Subscribe"}'), 1)
  })

  test('are no longer shown for what a closed coordinator had', async () => {
    const watching = await watchedShop([orderAggregate(), orderSummary])
    assert.equal(shown(watching, 'amends_component_running{component="order-summary"}'), 1)
    await watching.shop[Symbol.asyncDispose]()
    assert.equal(shown(watching, 'amends_component_running{component="order-summary"}'), undefined)
  })
})

function spanOf({ spans }: RecordedTelemetry, name: string, at = 0): RecordedSpan {
  const span = spans.filter((one) => one.name === name)[at]
  assert.ok(span !== undefined, `${name} ${at} of ${spans.map((one) => one.name).join()}`)
  return span
}

describe('a trace', () => {
  test('goes from a command through its saga to the command that this one sends', async () => {
    await using watching = await watchedShop([orderAggregate(), counter, addToCounter])
    const { shop, telemetry } = watching
    await creating(shop).withCorrelationId('w-1').execute()
    await shop.settled()
    const asked = spanOf(telemetry, 'aggregate.handle_command')
    const first = spanOf(telemetry, 'aggregate.execute')
    const reaction = spanOf(telemetry, 'saga.orchestrate')
    const handler = spanOf(telemetry, 'saga.handle')
    const second = spanOf(telemetry, 'aggregate.execute', 1)
    const stored = spanOf(telemetry, 'aggregate.persist', 1)
    assert.deepEqual(
      [first, reaction, handler, second, stored].map(({ parentSpanId }) => parentSpanId),
      [asked.spanId, first.spanId, reaction.spanId, reaction.spanId, second.spanId],
    )
    assert.equal(new Set(telemetry.spans.map(({ traceId }) => traceId)).size, 1)
    assert.ok(telemetry.spans.every(({ status }) => status === 'ok'))
    assert.equal(first.attributes['domain'], 'order')
    assert.equal(first.attributes['correlation_id'], 'w-1')
    assert.equal(second.attributes['domain'], 'counter')
  })

  test('has the refusal of a command as the error of its span', async () => {
    await using watching = await watchedShop([orderAggregate()])
    const { shop, telemetry } = watching
    await assert.rejects(addItem(shop).withSequence(9).withMergeStrategy(1).execute())
    const span = spanOf(telemetry, 'aggregate.execute')
    assert.equal(span.status, 'error')
    assert.equal(span.attributes['merge_strategy'], 'STRICT')
    assert.equal(span.attributes['outcome'], 'rejected')
  })

  for (const reach of ['by session', 'by address'] as const) {
    test(`goes through gRPC to components reached ${reach}, and back into the ledger`, async () => {
      const telemetry = recordTelemetry()
      const components = [orderAggregate(), counter, addToCounter]
      await using shop = await behindGrpc(components, { reach }, (reached) =>
        openShop(reached, { telemetry }),
      )
      await creating(shop).execute()
      await shop.settled()
      const call = spanOf(telemetry, 'grpc')
      assert.match(
        String(call.attributes['path']),
        /CommandHandlerCoordinatorService\/HandleCommand$/,
      )
      assert.equal(spanOf(telemetry, 'aggregate.handle_command').parentSpanId, call.spanId)
      assert.equal(spanOf(telemetry, 'aggregate.execute', 1).traceId, call.traceId)
      const text = shop.metrics.text()
      assert.match(
        text,
        /amends_component_call_duration_seconds_count\{component="adds",method="Handle",code="OK"\} 1/,
      )
      assert.match(
        text,
        /amends_grpc_served_duration_seconds_count\{method="[^"]*HandleCommand",code="OK"\} 1/,
      )
    })
  }
})

describe('what is shown of texts', () => {
  test('passes the redaction hook, in logs as on spans [workflow-B-19]', async () => {
    const telemetry = recordTelemetry({ redact: () => '***' })
    const lines: string[] = []
    const watched = new Watched()
    watched.broken.add('o-1')
    watched.failure = () => new Error('ada@example.com has no credit')
    await using shop = await openShop([orderAggregate(), watcher('saga', watched.see)], {
      telemetry,
      log: (level, event, fields) => lines.push(JSON.stringify({ level, event, ...fields })),
    })
    await orderOf(shop, 'o-1')
    await shop.settled()
    const letters = lines.filter((line) => line.includes('"dead_letter"'))
    assert.equal(letters.length, 1)
    assert.match(letters[0] ?? '', /"correlation_id":"o-1".*"error":"\*\*\*"/)
    assert.ok(!lines.join().includes('ada@example.com'))
    const errors = telemetry.spans.flatMap((span) => span.errors)
    assert.ok(errors.length > 0)
    assert.ok(errors.every(({ message }) => message === '***'))
  })

  test('loses passwords and keys without any hook', async () => {
    const lines: string[] = []
    const watched = new Watched()
    watched.broken.add('o-1')
    watched.failure = () => new Error('no answer from amqp://shop:s3cret@rabbit:5672/')
    await using shop = await openShop([orderAggregate(), watcher('saga', watched.see)], {
      telemetry: recordTelemetry(),
      log: (level, event, fields) => lines.push(JSON.stringify({ level, event, ...fields })),
    })
    await orderOf(shop, 'o-1')
    await shop.settled()
    assert.match(lines.join(), /amqp:\/\/shop:\[hidden\]@rabbit:5672/)
    assert.ok(!lines.join().includes('s3cret'))
  })
})
