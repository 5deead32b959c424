/** A coordinator in a program that has registered the real SDK of OpenTelemetry. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { context, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base'
import { defineSaga } from '../../src/component/define-saga.ts'
import { command } from '../../src/component/outgoing-books.ts'
import * as counters from '../fixtures/gen/counter_pb.ts'
import * as orders from '../fixtures/gen/orders_pb.ts'
import { behindGrpc } from './behind-grpc.ts'
import { openShop } from './open-shop.ts'
import { createOrder } from './shop-commands.ts'
import { orderAggregate } from './shop.ts'
import { counting } from './small-aggregates.ts'

const exporter = new InMemorySpanExporter()

before(() => {
  const spanProcessors = [new SimpleSpanProcessor(exporter)]
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors }))
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
})
after(() => {
  trace.disable()
  context.disable()
})

test("a command and what its saga sends are in the caller's trace, and handlers inside it", async () => {
  let inHandler: string | undefined
  const adds = defineSaga({ name: 'adds', source: 'order', target: 'counter' }).handles(
    orders.OrderCreatedSchema,
    () => command('counter', 'c-1', counters.AddSchema, { n: 1 }),
  )
  const counter = counting(() => {
    inHandler = trace.getActiveSpan()?.spanContext().spanId
  })
  await using shop = await openShop([orderAggregate(), counter, adds])
  const tracer = trace.getTracer('program')
  const traceId = await tracer.startActiveSpan('checkout', async (span) => {
    await createOrder(shop, 'order-1')
    span.end()
    return span.spanContext().traceId
  })
  await shop.settled()
  const spans = exporter.getFinishedSpans()
  const executed = spans.filter(({ name }) => name === 'aggregate.execute')
  assert.equal(executed.length, 2)
  assert.ok(spans.every((span) => span.spanContext().traceId === traceId))
  assert.equal(inHandler, executed[1]?.spanContext().spanId)
  const asked = spans.find(({ name }) => name === 'aggregate.handle_command')
  const program = spans.find(({ name }) => name === 'checkout')
  assert.equal(asked?.parentSpanContext?.spanId, program?.spanContext().spanId)
})

for (const reach of ['by session', 'by address'] as const) {
  test(`a trace crosses the wire to the coordinator and to components reached ${reach}`, async () => {
    exporter.reset()
    await using shop = await behindGrpc([orderAggregate()], { reach }, (reached) =>
      openShop(reached),
    )
    const program = await trace.getTracer('program').startActiveSpan('checkout', async (span) => {
      await createOrder(shop, 'order-1')
      span.end()
      return span.spanContext()
    })
    const spans = exporter.getFinishedSpans()
    const called = (path: string): ReadableSpan | undefined =>
      spans.find(({ attributes }) => String(attributes['path']).endsWith(path))
    const coordinator = called('CommandHandlerCoordinatorService/HandleCommand')
    const executed = spans.find(({ name }) => name === 'aggregate.execute')
    const component = called('CommandHandlerService/Handle')
    assert.equal(coordinator?.name, 'grpc')
    assert.equal(coordinator.parentSpanContext?.spanId, program.spanId)
    assert.equal(component?.name, 'grpc')
    assert.equal(component.parentSpanContext?.spanId, executed?.spanContext().spanId)
    assert.ok(spans.every((span) => span.spanContext().traceId === program.traceId))
  })
}
