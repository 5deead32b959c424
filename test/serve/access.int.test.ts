import { strict as assert } from 'node:assert'
import { connect as dialTcp, type Socket } from 'node:net'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import { create } from '@bufbuild/protobuf'
import { DomainClient } from '../../src/client/domain-client.ts'
import type { ChannelOptions } from '../../src/client/grpc/channel.ts'
import { openChannel } from '../../src/client/grpc/open-channel.ts'
import { serviceClient } from '../../src/client/grpc/service-client.ts'
import { createHash } from 'node:crypto'
import { EmptySchema } from '@bufbuild/protobuf/wkt'
import { codeOf } from '../../src/errors.ts'
import { grpcStatusOf } from '../../src/errors/client-error.ts'
import { sessionDesk } from '../../src/coordinator/services/remote/session-desk.ts'
import { dialComponents } from '../../src/host/session/dial-components.ts'
import { CommandHandlerCoordinatorService } from '../../src/proto/angzarr_client/proto/angzarr/command_handler_pb.ts'
import { EventQueryService } from '../../src/proto/angzarr_client/proto/angzarr/query_pb.ts'
import {
  DeleteDeadLetterRequestSchema,
  DlqAdminService,
} from '../../src/proto/angzarr_client/proto/angzarr/status/dlq_admin_pb.ts'
import {
  AggregateRootSchema,
  CommandRequestSchema,
} from '../../src/proto/angzarr_client/proto/angzarr/types_pb.ts'
import * as orders from '../fixtures/gen/orders_pb.ts'
import { certificate } from '../host/certificate.ts'
import { orderAggregate } from '../coordinator/shop.ts'
import { openShop } from '../coordinator/open-shop.ts'
import { serveOpened, serveShop, type ServedShop } from './served-shop.ts'

const [READER, WRITER, OPERATOR, ADMIN] = ['reader', 'writer', 'operator', 'admin'].map(
  (name) => `${name}-0123456789abcdef`,
) as [string, string, string, string]

const keys = [
  { name: 'reports', roles: ['read'], key: READER },
  { name: 'shop', roles: ['read', 'write'], key: WRITER },
  { name: 'night shift', roles: ['read', 'operate'], key: OPERATOR },
  { name: 'root', roles: ['admin'], sha256: createHash('sha256').update(ADMIN).digest('hex') },
]

/** How a call ends, as status and code. */
async function outcome(run: () => Promise<unknown>): Promise<string> {
  try {
    await run()
    return 'done'
  } catch (error) {
    return `${grpcStatusOf(error)} ${codeOf(error)}`
  }
}

/** What a caller may do, call by call. */
async function rights(served: ServedShop, options: ChannelOptions): Promise<readonly string[]> {
  await using channel = await openChannel(served.endpoint, options)
  const client = DomainClient.fromChannel(channel, { domain: 'order' })
  const metaCover = { domain: '_angzarr', root: { value: new Uint8Array(16) } }
  const meta = create(CommandRequestSchema, { command: { cover: metaCover } })
  const operating = serviceClient(CommandHandlerCoordinatorService, channel)
  return [
    await outcome(() => client.query('o-1').getPages()),
    await outcome(() =>
      client.command('o-1').withMessage(orders.CreateOrderSchema, { orderId: 'o-1' }).execute(),
    ),
    await outcome(() =>
      serviceClient(DlqAdminService, channel).deleteDeadLetter(
        create(DeleteDeadLetterRequestSchema, { id: 1n }),
      ),
    ),
    (await outcome(() => operating.handleCommand(meta))).replace(/^INVALID_ARGUMENT .*/, 'done'),
  ]
}

const UNKNOWN = 'UNAUTHENTICATED API_KEY_UNKNOWN'
const MISSING = 'UNAUTHENTICATED API_KEY_MISSING'
const DENIED = 'PERMISSION_DENIED ROLE_MISSING'

describe('a coordinator with keys', () => {
  it('lets every caller do what its roles say, and nothing else; nothing is stored', async () => {
    await using served = await serveShop([orderAggregate()], { keys })
    assert.deepEqual(await rights(served, {}), [MISSING, MISSING, MISSING, MISSING])
    const wrong = { apiKey: `${READER}x` }
    assert.deepEqual(await rights(served, wrong), [UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN])
    assert.deepEqual(await rights(served, { apiKey: READER }), ['done', DENIED, DENIED, DENIED])
    assert.deepEqual(await rights(served, { apiKey: OPERATOR }), ['done', DENIED, 'done', 'done'])
    assert.equal((await served.shop.client('order').query('o-1').getPages()).length, 0)
    assert.deepEqual(await rights(served, { apiKey: WRITER }), ['done', 'done', DENIED, DENIED])
    assert.equal((await rights(served, { apiKey: ADMIN }))[2], 'done')
  })

  it('lets components dial in that may serve, and only those that are declared', async () => {
    const desk = sessionDesk()
    desk.link('command_handler', 'order')
    await using served = await serveShop([orderAggregate()], {
      keys: [...keys, { name: 'components', roles: ['serve'], key: 'component-0123456789' }],
      sessions: desk,
    })
    const reasons: string[] = []
    const logger = (_: string, __: string, fields?: object): void =>
      void reasons.push(String(fields !== undefined && 'error' in fields ? fields.error : ''))
    const backoff = { delayMs: () => 5 }
    const dial = { endpoint: served.endpoint, components: [orderAggregate()], logger, backoff }
    await using refused = await dialComponents({ ...dial, apiKey: WRITER })
    await until(() => reasons.length > 0)
    await refused.stop()
    assert.deepEqual(desk.missing(), ['command_handler order'])
    await using welcome = await dialComponents({ ...dial, apiKey: 'component-0123456789' })
    await welcome.connected
    await until(() => desk.missing().length === 0)
  })
})

describe('a coordinator without keys', () => {
  it('is not opened to other machines unless told so', async () => {
    for (const listen of ['0.0.0.0:0', '[::]:0', 'example.org:80']) {
      await assert.rejects(serveShop([orderAggregate()], { listen }), {
        code: 'ACCESS_NOT_RESTRICTED',
      })
    }
    await using served = await serveShop([orderAggregate()], { listen: '0.0.0.0:0', open: true })
    assert.match(served.endpoint, /^0\.0\.0\.0:\d+$/)
  })
})

describe('a coordinator under bad callers', () => {
  it('refuses what is too large, and stores nothing', async () => {
    await using served = await serveShop([orderAggregate()], { maxMessageBytes: 10_000 })
    const { client } = served
    const send = (orderId: string) =>
      client.command('o-1').withMessage(orders.CreateOrderSchema, { orderId }).execute()
    assert.match(await outcome(() => send('x'.repeat(20_000))), /^RESOURCE_EXHAUSTED/)
    assert.equal((await client.query('o-1').getPages()).length, 0)
    await send('o-1')
  })

  it('refuses bytes that are no request, and serves others meanwhile', async () => {
    await using served = await serveShop([orderAggregate()])
    const port = Number(served.endpoint.split(':').at(-1))
    const noise = dialTcp(port, '127.0.0.1')
    noise.on('error', () => undefined)
    noise.resume()
    noise.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n')
    await once(noise, 'close')
    assert.equal((await served.client.query('o-1').getPages()).length, 0)
  })

  it('holds no more connections than it may; who is there keeps its place', async () => {
    await using served = await serveShop([orderAggregate()], { maxConnections: 2 })
    assert.equal((await served.client.query('o-1').getPages()).length, 0)
    const port = Number(served.endpoint.split(':').at(-1))
    const sockets: Socket[] = []
    const closed: Promise<unknown>[] = []
    for (let n = 0; n < 5; n++) {
      const socket = dialTcp(port, '127.0.0.1')
      socket.on('error', () => undefined)
      socket.resume()
      sockets.push(socket)
      closed.push(once(socket, 'close').then(() => n))
    }
    // One of them takes the place that is left, and says nothing.
    await Promise.all(closed.slice(1))
    assert.equal((await served.client.query('o-1').getPages()).length, 0)
    for (const socket of sockets) socket.destroy()
  })

  it('makes no more for a reader that does not read than fits between them, and serves others', async () => {
    const shop = await openShop([orderAggregate()])
    let made = 0
    let left = false
    const endless = async function* () {
      try {
        for (; made < 1_000_000; made++) yield create(AggregateRootSchema, { domain: 'order' })
      } finally {
        left = true
      }
    }
    const services = { ...shop.services, getAggregateRoots: endless }
    await using served = await serveOpened({ ...shop, services })
    const queries = serviceClient(EventQueryService, served.channel)
    const slow = queries.getAggregateRoots(create(EmptySchema))[Symbol.asyncIterator]()
    await slow.next()
    for (let before = -1; made > before;) {
      before = made
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    assert.ok(made < 100_000, `${made} made for a reader of one`)
    assert.equal((await served.client.query('o-1').getPages()).length, 0)
    await slow.return?.(undefined)
    await until(() => left)
  })
})

describe('a coordinator with certificates', () => {
  it('wants callers to have one when it names their authorities', async () => {
    const own = certificate()
    const caller = certificate()
    const tls = {
      privateKey: own.key,
      certificateChain: own.certificate,
      clientAuthorities: caller.certificate,
    }
    const trusting = { rootCertificates: own.certificate }
    const known = { ...trusting, privateKey: caller.key, certificateChain: caller.certificate }
    await using served = await serveShop([orderAggregate()], { tls, channel: { tls: known } })
    assert.equal((await served.client.query('o-1').getPages()).length, 0)
    await using channel = await openChannel(`https://${served.endpoint}`, { tls: trusting })
    const stranger = DomainClient.fromChannel(channel, { domain: 'order' })
    assert.match(await outcome(() => stranger.query('o-1').getPages()), /^UNAVAILABLE/)
  })
})

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 2))
}
