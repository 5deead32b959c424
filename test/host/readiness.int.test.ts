import { strict as assert } from 'node:assert'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { defineSaga } from '../../src/component/define-saga.ts'
import { startComponentHost } from '../../src/host/component-host.ts'
import type { LogFields } from '../../src/host/log.ts'
import { OrderCreatedSchema } from '../fixtures/gen/orders_pb.ts'
import { order } from './component-kinds.ts'
import { socketFolder } from './serving.ts'

const saga = (sync: boolean) =>
  defineSaga({ name: 'reserve', source: 'order', target: 'inventory', sync }).handles(
    OrderCreatedSchema,
    () => undefined,
  )

async function listenAt(path: string): Promise<Server & AsyncDisposable> {
  const server = createServer((socket) => socket.destroy())
  await new Promise<void>((resolve) => server.listen(path, resolve))
  return server
}

/** Resolves with the next warning of a host. */
function warnings() {
  const seen: (readonly [string, LogFields | undefined])[] = []
  const first = Promise.withResolvers<void>()
  return {
    seen,
    first: first.promise,
    logger: (level: string, event: string, fields?: LogFields): void => {
      if (level !== 'warn') return
      seen.push([event, fields])
      first.resolve()
    },
  }
}

describe('a host of a saga', () => {
  it('is ready once the coordinator of its synchronous target can be reached', async () => {
    await using folder = await socketFolder()
    const { seen, first, logger } = warnings()
    await using host = await startComponentHost({
      components: [saga(true)],
      address: '127.0.0.1:0',
      environment: { ANGZARR_MODE: 'standalone', ANGZARR_UDS_BASE: folder.path },
      probeIntervalMs: 1,
      logger,
    })
    await first
    assert.equal(host.health.status(''), 'NOT_SERVING')
    assert.equal(seen[0]?.[0], 'readiness_probe_errored')
    assert.equal(seen[0][1]?.['probe'], 'inventory')
    await using _ = await listenAt(join(folder.path, 'ch-inventory.sock'))
    await host.ready
    assert.equal(host.health.status('SagaService'), 'SERVING')
  })

  it('waits for the broker when it emits asynchronously', async () => {
    await using folder = await socketFolder()
    const path = join(folder.path, 'bus.sock')
    const { seen, first, logger } = warnings()
    await using host = await startComponentHost({
      components: [saga(false)],
      address: '127.0.0.1:0',
      environment: { ANGZARR_BUS_ENDPOINT: path },
      probeIntervalMs: 1,
      logger,
    })
    await first
    assert.equal(seen[0]?.[1]?.['probe'], 'bus')
    await using _ = await listenAt(path)
    await host.ready
  })

  it('needs neither for an aggregate', async () => {
    await using host = await startComponentHost({
      components: [order],
      address: '127.0.0.1:0',
      environment: { ANGZARR_BUS_ENDPOINT: '/nowhere.sock' },
      logger: () => undefined,
    })
    await host.ready
    assert.equal(host.health.status(''), 'SERVING')
  })

  it('refuses an environment that names no endpoint', async () => {
    const options = { components: [saga(true)], address: '127.0.0.1:0', logger: () => undefined }
    const environment = { ANGZARR_MODE: 'pigeon' }
    await assert.rejects(startComponentHost({ ...options, environment }), {
      code: 'INVALID_TRANSPORT_MODE',
    })
  })
})
