/** What a transactional service makes of the messages of a transaction, one by one. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type MemoryBus, openMemoryBus } from '../../src/bus/memory/open-memory-bus.ts'
import { codeOf } from '../../src/errors.ts'
import { hostParticipant } from '../../src/participant/host-participant.ts'
import { type IncomingReply, readReply } from '../../src/participant/reply-message.ts'
import { requestMessage } from '../../src/participant/request-message.ts'
import { titleCase, transactionTopic } from '../../src/participant/transaction-topics.ts'
import { transactional } from '../../src/participant/transactional.ts'
import { eventsOf } from '../coordinator/stored-events.ts'
import { ACCOUNT, type Bank, bankHandlers, openBank } from './isolation-bank.ts'
import { sagaLedger } from './sagas.ts'

/** A bank named `foo` whose account `a` has 100, and somebody who asks it. */
type Asked = AsyncDisposable & {
  readonly bus: MemoryBus
  readonly bank: Bank
  /** Sends a request; headers are those of whoever asks for it. */
  ask(
    target: string,
    content: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<IncomingReply & { readonly headers: Readonly<Record<string, string>> }>
}

async function openAsked(): Promise<Asked> {
  const opened = new AsyncDisposableStack()
  const bus = opened.use(openMemoryBus())
  const { ledger } = opened.use(await sagaLedger())
  const bank = opened.use(await openBank({ service: 'foo', bus, ledger }))
  await bank.fund('a', 100)
  let waiting: PromiseWithResolvers<Awaited<ReturnType<Asked['ask']>>> | undefined
  await bus.consume('deskReply', ({ message }) => {
    waiting?.resolve({ ...readReply(message), headers: message.headers })
  })
  let asked = 0
  return {
    bus,
    bank,
    ask: async (target, content, headers = {}) => {
      waiting = Promise.withResolvers()
      const requestId = `request-${++asked}`
      const about = { executionId: 't-1', path: 'p', direction: 'forward', attempt: 1 } as const
      const message = requestMessage({
        ...about,
        requestId,
        target,
        content,
        correlationId: 'c',
        replyTo: 'deskReply',
      })
      await bus.send({ ...message, headers: { ...message.headers, ...headers } })
      return await waiting.promise
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  }
}

const DRAW = { account: 'a', amount: 30 }
const cascadesOf = async ({ bank }: Asked): Promise<readonly string[]> => {
  const events = await eventsOf(bank.coordinator.ledger, ACCOUNT, 'a')
  return events.map(({ visibility }) => (visibility.kind === 'pending' ? visibility.cascadeId : ''))
}

describe('a transactional handler', () => {
  test('writes within the transaction of its request, which stays pending [minos-262]', async () => {
    await using asked = await openAsked()
    const { status } = await asked.ask('foo.withdraw', DRAW, { transactions: 't-1' })
    assert.equal(status, 200)
    assert.deepEqual(await cascadesOf(asked), ['', 't-1'])
    assert.equal(await asked.bank.balance('a'), 100)
    assert.equal(await asked.bank.coordinator.cascades.state('t-1'), 'open')
  })

  test('takes its transaction out of the headers, and adds its service [minos-263]', async () => {
    await using asked = await openAsked()
    const { headers } = await asked.ask('foo.withdraw', DRAW, { transactions: 't-1', hello: 'you' })
    assert.equal('transactions' in headers, false)
    assert.deepEqual([headers['related_services'], headers['hello']], ['foo', 'you'])
  })

  test('writes within the outer one of two transactions [minos-264]', async () => {
    await using asked = await openAsked()
    await asked.ask('foo.withdraw', DRAW, { transactions: 't-0,t-1' })
    assert.deepEqual(await cascadesOf(asked), ['', 't-0'])
  })

  test('takes only the inner one of two out of the headers, also when it refuses [minos-265]', async () => {
    await using asked = await openAsked()
    for (const [amount, status] of [
      [30, 200],
      [500, 400],
    ] as const) {
      const about = { transactions: 't-0,t-1', related_services: 'bar' }
      const reply = await asked.ask('foo.withdraw', { ...DRAW, amount }, about)
      assert.deepEqual([reply.status, reply.headers['transactions']], [status, 't-0'])
      assert.deepEqual(reply.services, ['bar', 'foo'])
    }
  })

  test('writes as ever outside of transactions', async () => {
    await using asked = await openAsked()
    const { services } = await asked.ask('foo.withdraw', DRAW)
    assert.deepEqual([await asked.bank.balance('a'), services], [70, ['foo']])
    assert.deepEqual(await cascadesOf(asked), ['', ''])
  })

  test('fails without effect where another transaction has something pending', async () => {
    await using asked = await openAsked()
    await asked.ask('foo.withdraw', DRAW, { transactions: 't-1' })
    const { status, code } = await asked.ask('foo.withdraw', DRAW, { transactions: 't-2' })
    assert.deepEqual([status, code], [500, 'CASCADE_CONFLICT'])
    assert.deepEqual(await cascadesOf(asked), ['', 't-1'])
  })

  test('refuses what comes after its transaction was reserved, but for undos, which have nothing to do', async () => {
    await using asked = await openAsked()
    const about = { transactions: 't-1' }
    await asked.ask('foo.withdraw', DRAW, about)
    await asked.ask(transactionTopic('reserve', 'foo'), 't-1')
    const late = await asked.ask('foo.withdraw', { ...DRAW, amount: 1 }, about)
    assert.deepEqual([late.status, late.code], [400, 'TRANSACTION_ENDED'])
    const undo = await asked.ask('foo.deposit', DRAW, { ...about, direction: 'backward' })
    assert.equal(undo.status, 200)
    assert.deepEqual(await cascadesOf(asked), ['', 't-1'])
  })
})

describe('a service that is not transactional', () => {
  test('leaves its name out of the reply within a transaction: there is nothing to commit', async () => {
    await using bus = openMemoryBus()
    const handlers = [{ target: 'mail.send', handle: () => 'sent' }]
    await using _ = await hostParticipant({ bus, service: 'mail', handlers })
    const replied = Promise.withResolvers<IncomingReply>()
    await bus.consume('r', ({ message }) => replied.resolve(readReply(message)))
    const about = { executionId: 't', path: 'p', direction: 'forward', attempt: 1 } as const
    const envelope = { ...about, requestId: 'q', target: 'mail.send', correlationId: 'c' }
    await bus.send(requestMessage({ ...envelope, content: 1, replyTo: 'r', isolated: true }))
    const { status, services } = await replied.promise
    assert.deepEqual([status, services], [200, []])
  })
})

describe('the end of a transaction at a service', () => {
  test('is the same however often it is asked for, and refused once it has ended the other way [minos-282, minos-B-23]', async () => {
    for (const [end, other, left] of [
      ['commit', 'reject', 70],
      ['reject', 'commit', 100],
    ] as const) {
      await using asked = await openAsked()
      await asked.ask('foo.withdraw', DRAW, { transactions: 't-1' })
      const told = async (verb: Parameters<typeof transactionTopic>[0]): Promise<number> =>
        (await asked.ask(transactionTopic(verb, 'foo'), 't-1')).status
      assert.deepEqual([await told('reserve'), await told('reserve')], [200, 200])
      assert.deepEqual([await told(end), await told(end)], [200, 200])
      assert.equal(await told(other), 400)
      // What was committed was reserved.
      assert.equal(await told('reserve'), end === 'commit' ? 200 : 400)
      assert.equal(await asked.bank.balance('a'), left)
    }
  })

  test('is agreed to where the transaction has written nothing', async () => {
    await using asked = await openAsked()
    for (const verb of ['reserve', 'commit'] as const) {
      assert.equal((await asked.ask(transactionTopic(verb, 'foo'), 't-9')).status, 200)
    }
  })

  test('is refused for what is no id, and nothing is stored', async () => {
    await using asked = await openAsked()
    for (const content of [undefined, '', 7, { id: 't-1' }, 'no spaces, please']) {
      const { status } = await asked.ask(transactionTopic('reserve', 'foo'), content)
      assert.equal(status, 400, JSON.stringify(content))
    }
    assert.deepEqual(await asked.bank.coordinator.ledger.rows('resolved-cascade', { limit: 5 }), [])
  })
})

test('topics have the name of the service with each run of letters in title case', () => {
  const names = ['order', 'order-item', 'foo_bar', 'myService', 'svc2b']
  assert.deepEqual(names.map(titleCase), ['Order', 'Order-Item', 'Foo_Bar', 'Myservice', 'Svc2B'])
  assert.equal(transactionTopic('reserve', 'order-item'), '_ReserveOrder-ItemTransaction')
})

test('transactional handlers are hosted under the name they were made for, or refused', async () => {
  await using asked = await openAsked()
  const { coordinator } = asked.bank
  const handlers = bankHandlers(transactional({ service: 'bar', coordinator }))
  await assert.rejects(
    hostParticipant({ bus: asked.bus, service: 'baz', handlers }),
    (error) => codeOf(error) === 'CONFIGURATION_INVALID',
  )
})
