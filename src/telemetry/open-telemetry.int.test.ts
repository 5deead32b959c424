/** Spans through the real API and SDK of OpenTelemetry. */
import { strict as assert } from 'node:assert'
import { after, before, describe, it } from 'node:test'
import { context, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base'
import { openTelemetryTracer } from './open-telemetry.ts'

const OK = 1
const ERROR = 2

describe('without a tracer provider', () => {
  it('there is no tracer, although the API is loaded [workflow-B-12]', () => {
    assert.equal(openTelemetryTracer(), undefined)
  })
})

describe('with a tracer provider', () => {
  const exporter = new InMemorySpanExporter()

  before(() => {
    const provider = new BasicTracerProvider({
      spanProcessors: [new SimpleSpanProcessor(exporter)],
    })
    trace.setGlobalTracerProvider(provider)
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  })
  after(() => {
    trace.disable()
    context.disable()
  })

  it('spans have parents, attributes and a status, and an error once', async () => {
    const tracer = openTelemetryTracer()
    assert.ok(tracer !== undefined)
    const root = tracer.start('root', undefined, { n: 1 })
    const child = tracer.start('child', root)
    const inside = await child.run(async () => {
      await Promise.resolve()
      return trace.getActiveSpan()?.spanContext().spanId
    })
    assert.equal(inside, child.spanId)
    child.fail({ type: 'RangeError', message: 'text' })
    child.fail({ type: 'RangeError', message: 'again' })
    child.end()
    child.end()
    root.set({ more: true })
    root.end()
    const [first, second] = exporter.getFinishedSpans()
    assert.equal(first?.name, 'child')
    assert.equal(first.parentSpanContext?.spanId, root.spanId)
    assert.equal(first.spanContext().traceId, root.traceId)
    assert.equal(first.status.code, ERROR)
    assert.equal(first.events.length, 1)
    assert.equal(second?.status.code, OK)
    assert.deepEqual(second.attributes, { n: 1, more: true })
    exporter.reset()
  })

  it('a span is a child of the one that is current, or of one elsewhere', () => {
    const tracer = openTelemetryTracer()
    const traceId = '0af7651916cd43dd8448eb211c80319c'
    const remote = tracer?.start('remote', { traceId, spanId: 'b7ad6b7169203331', traceFlags: 1 })
    assert.equal(remote?.traceId, traceId)
    const outer = trace.getTracer('test').startSpan('outer')
    context.with(trace.setSpan(context.active(), outer), () => {
      const inner = tracer?.start('inner')
      assert.equal(inner?.traceId, outer.spanContext().traceId)
      inner.end()
    })
    remote.end()
    const [inner] = exporter.getFinishedSpans()
    assert.equal(inner?.parentSpanContext?.spanId, outer.spanContext().spanId)
  })
})
