import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Told } from '../input.ts'
import { refuse } from '../refusal.ts'
import { handleReply, sendFailed } from './handle-reply.ts'
import { perform } from './perform.ts'
import type { LocalAction } from './performing.ts'
import { type World, world, short } from './perform.test.support.ts'

describe('a request', () => {
  const asking = (request: () => unknown): World =>
    world({ kind: 'request', request: request as never, onReply: () => undefined })
  const prepare: LocalAction = {
    key: 'p',
    kind: 'prepare',
    path: 'a',
    direction: 'forward',
    value: 'in',
  }

  test('is built, or there is nothing to send [minos-B-06]', async () => {
    const told = await perform(
      prepare,
      asking(async () => ({ target: 't', content: 1 })),
    )
    assert.deepEqual(told, {
      kind: 'prepared',
      path: 'a',
      direction: 'forward',
      request: { target: 't', content: 1 },
    })
    for (const nothing of [undefined, null]) {
      const empty = await perform(
        prepare,
        asking(() => nothing),
      )
      assert.ok(empty.kind === 'prepared' && empty.request === undefined)
    }
  })

  test('that cannot be built fails, and was not sent [minos-F1]', async () => {
    const down = (): never => {
      throw Object.assign(new Error('x'), { code: 'ECONNRESET' })
    }
    assert.equal(await short(perform(prepare, asking(down))), 'prepare-failed failed ECONNRESET')
    assert.equal(
      await short(
        perform(
          prepare,
          asking(() => ({ content: 1 })),
        ),
      ),
      'prepare-failed failed SAGA_REQUEST_INVALID',
    )
  })

  test('that cannot be handed over says so', () => {
    const sent = { path: 'a', direction: 'forward', attempt: 1 } as const
    const told = sendFailed(sent, Object.assign(new Error('x'), { code: 'EPIPE' }))
    assert.ok(told.kind === 'failed' && told.failure.outcome === 'unknown')
    const back = sendFailed({ ...sent, direction: 'backward' }, new Error('no'))
    assert.ok(back.kind === 'undo-failed' && back.failure.outcome === 'failed')
  })
})

describe('a reply', () => {
  const answered = { path: 'a', direction: 'forward', attempt: 1, value: 'in' } as const
  const replied = (
    status: number,
    onReply: () => unknown = () => 'out',
    more: { readonly handlesSystemErrors?: boolean } = {},
  ): Promise<Told> | Told => {
    const reply = { status, content: { why: 'full' }, services: ['hotel'] }
    const at = world({ kind: 'request', request: () => undefined, onReply, ...more })
    return handleReply(answered, reply, at)
  }

  test('of success leaves what its handler returns', () => {
    assert.deepEqual(replied(200), {
      kind: 'succeeded',
      path: 'a',
      attempt: 1,
      value: 'out',
      services: ['hotel'],
    })
  })

  test('of an error goes to the binding, which may go on [minos-F3]', async () => {
    assert.equal(await short(replied(400)), 'succeeded')
  })

  test('of an error that the binding refuses is a refusal: nothing happened', async () => {
    const told = await replied(400, () => refuse('full'))
    assert.ok(told.kind === 'failed')
    assert.equal(told.failure.outcome, 'refused')
    assert.equal(told.happened, undefined)
  })

  for (const [status, fact] of [
    [200, 'minos-F6'],
    [400, 'minos-F5'],
  ] as const) {
    test(`${status} whose handler throws, or returns an error, happened all the same [${fact}]`, async () => {
      for (const handler of [() => Promise.reject(new Error('x')), () => new Error('x')]) {
        const told = await replied(status, handler)
        assert.ok(told.kind === 'failed')
        assert.equal(told.happened, true)
        assert.equal(told.failure.outcome, 'failed')
      }
    })
  }

  test('of a failure of the service leaves open whether it happened, and says what came [minos-F2]', async () => {
    const told = await replied(500)
    assert.ok(told.kind === 'failed')
    assert.equal(told.happened, undefined)
    assert.equal(told.failure.outcome, 'unknown')
    assert.equal(told.failure.code, 'SAGA_RESPONSE_FAILED')
    assert.match(told.failure.message, /500 .*full/)
    assert.deepEqual(told.services, ['hotel'])
  })

  test('of a status nobody knows leaves it open as well [minos-B-07]', async () => {
    assert.equal(await short(replied(600)), 'failed unknown SAGA_RESPONSE_FAILED')
  })

  test('of a failure that says that nothing was done leaves nothing open', async () => {
    const at = world({ kind: 'request', request: () => undefined, onReply: () => undefined })
    const saying = (content: unknown): Promise<string> =>
      short(handleReply(answered, { status: 500, content, services: [] }, at))
    const missing = { error_code: 'REQUEST_HANDLER_MISSING' }
    assert.equal(await saying(missing), 'failed failed SAGA_RESPONSE_FAILED')
    // What it may have done before that is pending, and revoked with the rest.
    const contended = { error_code: 'CASCADE_CONFLICT' }
    assert.equal(await saying(contended), 'failed failed SAGA_RESPONSE_FAILED')
    const cancelled = { error_code: 'REQUEST_CANCELLED' }
    assert.equal(await saying(cancelled), 'failed refused SAGA_RESPONSE_FAILED')
    for (const content of [{ error_code: 'KEY_PARKED' }, 'REQUEST_HANDLER_MISSING', null]) {
      assert.equal(await saying(content), 'failed unknown SAGA_RESPONSE_FAILED')
    }
  })

  test('of a failure is handled where the binding asks for it', async () => {
    const handles = { handlesSystemErrors: true }
    assert.equal(await short(replied(500, () => 'out', handles)), 'succeeded')
    const throws = await replied(500, () => Promise.reject(new Error('x')), handles)
    assert.ok(throws.kind === 'failed' && throws.happened === false)
    assert.equal(throws.failure.outcome, 'unknown')
  })

  test('to an undo is done, refused, or leaves open what became of it', () => {
    const at = world({ kind: 'request', request: () => undefined, onReply: () => undefined })
    const back = { ...answered, direction: 'backward' } as const
    const outcome = (status: number): string => {
      const told = handleReply(back, { status, content: 'x', services: [] }, at)
      assert.ok('kind' in told)
      return told.kind === 'undo-failed' ? told.failure.outcome : told.kind
    }
    assert.deepEqual([200, 400, 500, 600].map(outcome), ['undone', 'refused', 'unknown', 'unknown'])
  })
})
