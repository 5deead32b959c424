import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fakeClock, type FakeClock } from '../testing/fake-clock.ts'
import { healthRegistry, type HealthRegistry } from './health.ts'
import type { LogFields } from './log.ts'
import type { Probe } from './probe.ts'
import { runSupervisor, type Supervisor } from './supervisor.ts'

type Watched = AsyncDisposable & {
  readonly clock: FakeClock
  readonly health: HealthRegistry
  readonly supervisor: Supervisor
  readonly warnings: (readonly [string, LogFields | undefined])[]
}

function watch(...probes: readonly Probe[]): Watched {
  const clock = fakeClock()
  const health = healthRegistry(['orders'])
  const warnings: (readonly [string, LogFields | undefined])[] = []
  const supervisor = runSupervisor({
    probes,
    health,
    clock,
    logger: (_level, event, fields) => warnings.push([event, fields]),
  })
  const dispose = (): Promise<void> => supervisor.stop()
  return { clock, health, supervisor, warnings, [Symbol.asyncDispose]: dispose }
}

const turns = async (): Promise<void> => {
  for (let n = 0; n < 10; n++) await new Promise((resolve) => setImmediate(resolve))
}

describe('runSupervisor', () => {
  it('says SERVING at once when there is nothing to wait for', async () => {
    await using watched = watch()
    assert.equal(watched.health.status(''), 'NOT_SERVING')
    await watched.supervisor.ready
    assert.equal(watched.health.status(''), 'SERVING')
    assert.equal(watched.health.status('orders'), 'SERVING')
  })

  it('follows its probes round by round', async () => {
    let open = false
    await using watched = watch({ name: 'shop', check: () => open })
    await turns()
    assert.equal(watched.health.status(''), 'NOT_SERVING')
    open = true
    await watched.clock.advanceAsync(30_000)
    await watched.supervisor.ready
    assert.equal(watched.health.status('orders'), 'SERVING')
    open = false
    await watched.clock.advanceAsync(30_000)
    await turns()
    assert.equal(watched.health.status('orders'), 'NOT_SERVING')
  })

  it('warns once a round for each cause and goes on', async () => {
    await using watched = watch(
      { name: 'no', check: () => false },
      {
        name: 'throws',
        check: () => {
          throw new Error('broken')
        },
      },
      { name: 'rejects', check: () => Promise.reject(new Error('refused')) },
      { name: 'hangs', check: () => new Promise<boolean>(() => undefined) },
    )
    await turns()
    await watched.clock.advanceAsync(2_000)
    await turns()
    assert.deepEqual(watched.warnings, [
      ['readiness_probe_failed', { probe: 'no' }],
      ['readiness_probe_errored', { probe: 'throws', error: 'broken' }],
      ['readiness_probe_errored', { probe: 'rejects', error: 'refused' }],
      ['readiness_probe_timed_out', { probe: 'hangs', timeout_ms: 2_000 }],
    ])
    assert.equal(watched.health.status(''), 'NOT_SERVING')
  })

  it('tells a probe that runs out of time', async () => {
    let told = false
    const check = (signal: AbortSignal): Promise<boolean> => {
      signal.addEventListener('abort', () => {
        told = true
      })
      return new Promise(() => undefined)
    }
    await using watched = watch({ name: 'hangs', check })
    await turns()
    await watched.clock.advanceAsync(2_000)
    assert.ok(told)
  })

  it('is silent after it was stopped, also when a probe answers later', async () => {
    const answer = Promise.withResolvers<boolean>()
    const watched = watch({ name: 'slow', check: () => answer.promise })
    await turns()
    await watched.supervisor.stop()
    answer.resolve(true)
    await turns()
    assert.equal(watched.health.status(''), 'NOT_SERVING')
    assert.deepEqual(watched.warnings, [])
    assert.equal(watched.clock.timers, 0)
  })
})
