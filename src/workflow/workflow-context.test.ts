import { strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
import { codeOf } from '../errors.ts'
import { isUuid } from '../identity.ts'
import { fakeClock } from '../testing/fake-clock.ts'
import { WorkflowContext } from './workflow-context.ts'

const traceId = '0af7651916cd43dd8448eb211c80319c'
const spanId = 'b7ad6b7169203331'

describe('a new context', () => {
  it('has an id of its own and nothing else [workflow-T28]', () => {
    const context = new WorkflowContext()
    assert.ok(isUuid(context.correlationId))
    assert.equal(context.correlationId, context.correlationId)
    assert.notEqual(context.correlationId, new WorkflowContext().correlationId)
    assert.equal(context.workflowId, undefined)
    assert.equal(context.sessionId, undefined)
    assert.equal(context.causationId, undefined)
    assert.equal(context.traceId, undefined)
    assert.equal(context.traceFlags, 1)
    for (const map of [context.state, context.metadata, context.baggage, context.tags]) {
      assert.deepEqual(map, {})
    }
    assert.deepEqual(context.checkpoints, [])
    assert.ok(!context.signal.aborted)
  })

  it('refuses ids that are none', () => {
    const bad = [
      { correlationId: '' },
      { correlationId: 'x'.repeat(129) },
      { traceId: 'nonsense', spanId },
      { traceId, spanId: '0000000000000000' },
      { traceId: '0'.repeat(32), spanId },
    ]
    for (const init of bad) {
      assert.throws(
        () => new WorkflowContext(init),
        (error) => codeOf(error) === 'WORKFLOW_INVALID',
      )
    }
  })

  it('notes checkpoints in their order, at times that do not go back [workflow-T29]', () => {
    const clock = fakeClock()
    const context = new WorkflowContext({ clock })
    context.checkpoint('one')
    clock.advance(30)
    context.checkpoint('two')
    assert.deepEqual(context.checkpoints, [
      { name: 'one', atMs: 0 },
      { name: 'two', atMs: 30 },
    ])
    assert.equal(context.elapsedMs(), 30)
    assert.equal(context.startedAt, clock.wall() - 30_000_000n)
  })

  it('keeps a bounded number of checkpoints', () => {
    const context = new WorkflowContext()
    for (let i = 0; i < 5_000; i++) context.checkpoint(String(i))
    assert.equal(context.checkpoints.length, 1_000)
  })
})

describe('a child', () => {
  it('shares what the parent has, by reference, what cannot be copied too [workflow-T30, workflow-B-5]', () => {
    const lock = { callback: () => undefined, self: undefined as unknown }
    lock.self = lock
    const state: Record<string, unknown> = { lock }
    const parent = new WorkflowContext({
      workflowId: 'w',
      sessionId: 's',
      correlationId: 'c',
      traceId,
      spanId,
      state,
      tags: { a: '1' },
    })
    const child = parent.child('step')
    const grandchild = child.child('inner')
    assert.equal(child.workflowId, 'w')
    assert.equal(child.sessionId, 's')
    assert.equal(child.correlationId, 'c')
    assert.equal(child.state, parent.state)
    assert.equal(child.tags, parent.tags)
    assert.equal(child.traceId, traceId)
    assert.equal(child.parentSpanId, spanId)
    assert.equal(child.causationId, spanId)
    assert.equal(parent.path, '')
    assert.equal(grandchild.path, 'step/inner')
    grandchild.state['later'] = 1
    assert.equal(parent.state['later'], 1)
    grandchild.checkpoint('here')
    assert.deepEqual(
      parent.checkpoints.map(({ name }) => name),
      ['step/inner/here'],
    )
    const parentless = new WorkflowContext().child('a').child('b')
    assert.equal(parentless.causationId, 'a')
  })

  it('can be isolated: copies of its maps, the same identity', () => {
    const parent = new WorkflowContext({ state: { n: 1 } })
    const child = parent.isolated('branch')
    child.state['n'] = 2
    child.checkpoint('x')
    assert.equal(parent.state['n'], 1)
    assert.equal(child.correlationId, parent.correlationId)
    assert.deepEqual(
      parent.checkpoints.map(({ name }) => name),
      ['branch/x'],
    )
  })
})

describe('what travels', () => {
  it('a context survives JSON', () => {
    const context = new WorkflowContext({
      correlationId: 'c',
      workflowId: 'w',
      traceId,
      spanId,
      state: { n: [1, { a: null }] },
      baggage: { tenant: 't' },
    })
    context.checkpoint('here')
    const copy = WorkflowContext.fromJSON(
      JSON.parse(JSON.stringify(context)) as ReturnType<typeof context.toJSON>,
    )
    assert.deepEqual(copy.toJSON(), {
      ...context.toJSON(),
      checkpoints: [{ name: 'here', atMs: 0 }],
    })
  })

  it('the headers of the W3C are written and read, and nonsense is ignored [workflow-T33]', () => {
    assert.equal(new WorkflowContext().toTraceparent(), undefined)
    const header = `00-${traceId}-${spanId}-01`
    const context = WorkflowContext.fromTraceparent(header, {
      baggageHeader: 'tenant=a%20b;property,broken,=x, user = 7 ,bad=%E0%A4%A',
    })
    assert.equal(context.toTraceparent(), header)
    assert.deepEqual(context.baggage, { tenant: 'a b', user: '7' })
    assert.equal(context.toBaggageHeader(), 'tenant=a%20b,user=7')
    for (const bad of [
      undefined,
      '',
      'nonsense',
      `ff-${traceId}-${spanId}-01`,
      `00-${'0'.repeat(32)}-${spanId}-01`,
      `00-${traceId}-${'0'.repeat(16)}-01`,
    ]) {
      assert.equal(WorkflowContext.fromTraceparent(bad).traceId, undefined)
    }
  })

  it('attributes of a span say unknown for what is missing [workflow-T32]', () => {
    const clock = fakeClock()
    assert.deepEqual(new WorkflowContext({ correlationId: 'c', clock }).toOtelAttributes(), {
      'workflow.id': 'unknown',
      'workflow.session_id': 'unknown',
      'workflow.correlation_id': 'c',
      'workflow.causation_id': 'unknown',
      'workflow.elapsed_ms': 0,
      'workflow.span_id': 'unknown',
      'workflow.parent_span_id': 'unknown',
    })
    const child = new WorkflowContext({ workflowId: 'w', traceId, spanId, clock }).child('x')
    assert.equal(child.toOtelAttributes()['workflow.span_id'], spanId)
    assert.equal(child.toOtelAttributes()['workflow.parent_span_id'], spanId)
  })
})
